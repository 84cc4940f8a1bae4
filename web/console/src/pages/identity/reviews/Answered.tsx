import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Long } from "../../../show/Long";
import { Panel } from "../../../show/Panel";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { decide, type Review, useDeciding } from "../asked";
import classes from "../Identity.module.css";

/** Pairs about which somebody has said something, or that are one customer anyway by now. */
export function Answered({ reviews }: { reviews: Review[] }) {
  const say = useTranslations("identity.reviews");
  if (reviews.length === 0)
    return <Teaching title={say("noneAnswered")}>{say("noneAnsweredHow")}</Teaching>;
  return (
    <Panel title={say("answered")} flush>
      {reviews.map((one) => (
        <Row key={one.review_id} review={one} />
      ))}
    </Panel>
  );
}

function Row({ review }: { review: Review }) {
  const say = useTranslations("identity.reviews");
  const { share } = useAmounts();
  const may = useMay("identity:decide");
  const back = useDeciding((decision: number) =>
    decide({ do: "withdraw", decision }, { reason: say("undoReason") }),
  );
  const { left, right, decision_id: decision } = review;
  return (
    <div className={classes.row}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap="xs">
            {[left, right].map((side) => (
              <Anchor
                key={side.identifier}
                size="sm"
                fw={500}
                renderRoot={(props) => (
                  <Link to="/customers/$id" params={{ id: String(side.profile_id) }} {...props} />
                )}
              >
                <Long text={side.identifier} />
              </Anchor>
            ))}
            <Badge color="gray">{share(review.probability)}</Badge>
          </Group>
          <Text size="xs" c="dimmed">
            {review.decided_at && <When at={review.decided_at} exact />} {review.decided_by}
            {review.reason && ` · ${review.reason}`}
          </Text>
        </div>
        {may && decision !== null && (
          <Button
            variant="default"
            loading={back.isPending}
            onClick={() => back.mutate(decision)}
            aria-label={`${say("takeBack")}: ${left.identifier}, ${right.identifier}`}
          >
            {say("takeBack")}
          </Button>
        )}
      </Group>
    </div>
  );
}
