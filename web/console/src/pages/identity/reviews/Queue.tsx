import { Button, Group, Progress, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useAmounts } from "../../../show/amounts";
import { decide, type Review, reviewsOf, useDeciding } from "../asked";
import { Pair } from "./Pair";
import { NoPairs } from "./Reviews";

export type Verdict = Schema["Verdict"]["verdict"];

/** The pairs that wait, one after the other; what was said last can be taken back at once. */
export function Queue({ reviews }: { reviews: Schema["Reviews"] }) {
  const say = useTranslations("identity.reviews");
  const { number } = useAmounts();
  const cache = useQueryClient();
  const navigate = useNavigate({ from: "/identity/reviews" });
  const { review: asked } = useSearch({ from: "/identity/reviews" });
  const [skipped, setSkipped] = useState<number[]>([]);
  const [answered, setAnswered] = useState<{ review: number; decision: number }[]>([]);
  const last = answered.at(-1);

  const queue = [
    ...reviews.data.filter((one) => !skipped.includes(one.review_id)),
    ...reviews.data.filter((one) => skipped.includes(one.review_id)),
  ];
  const at = Math.max(
    0,
    queue.findIndex((one) => one.review_id === asked),
  );
  const current = queue[at];
  const go = (to: number) => navigate({ search: { review: to }, replace: true });
  const step = (by: number) => {
    const next = queue[(at + by + queue.length) % queue.length];
    if (next) go(next.review_id);
  };
  const skip = (one: Review) => {
    step(1);
    setSkipped([...skipped.filter((id) => id !== one.review_id), one.review_id]);
  };

  const saying = useDeciding(
    ({ review, verdict, reason }: { review: Review; verdict: Verdict; reason: string }) =>
      body(
        api.POST("/api/v1/identity/reviews/{review_id}", {
          params: { path: { review_id: review.review_id } },
          body: { verdict, reason: reason || null },
        }),
      ),
  );
  const answer = (review: Review, verdict: Verdict, reason: string) => {
    if (saying.isPending) return;
    const next = queue[at + 1] ?? queue[0];
    saying.mutate(
      { review, verdict, reason },
      {
        onSuccess: ({ review_id, decision_id }) => {
          if (decision_id !== null)
            setAnswered([...answered, { review: review_id, decision: decision_id }]);
          cache.setQueryData(
            reviewsOf("pending").queryKey,
            (before) =>
              before && {
                ...before,
                total: before.total - 1,
                data: before.data.filter((one) => one.review_id !== review_id),
              },
          );
          if (next && next.review_id !== review_id) go(next.review_id);
        },
      },
    );
  };
  const undoing = useDeciding((decision: number) =>
    decide({ do: "withdraw", decision }, { reason: say("undoReason") }),
  );
  const undo = () => {
    if (!last || undoing.isPending) return;
    undoing.mutate(last.decision, {
      onSuccess: () => {
        setAnswered(answered.slice(0, -1));
        go(last.review);
      },
    });
  };

  const all = answered.length + reviews.total;
  return (
    <>
      {all > 0 && (
        <Group mb="md" gap="md">
          <Progress
            value={(100 * answered.length) / all}
            aria-label={say("progress")}
            flex={1}
            miw={120}
          />
          <Text size="sm" className="figures" role="status" data-left={reviews.total}>
            {say("left", {
              count: reviews.total,
              shown: number(reviews.total),
              answered: number(answered.length),
            })}
          </Text>
          {last && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={15} />}
              loading={undoing.isPending}
              onClick={undo}
            >
              {say("undo")}
            </Button>
          )}
        </Group>
      )}
      {current ? (
        <Pair
          key={current.review_id}
          review={current}
          place={{ at: at + 1, of: queue.length }}
          pending={saying.isPending}
          on={{ answer, step, skip, undo }}
        />
      ) : (
        <NoPairs />
      )}
    </>
  );
}
