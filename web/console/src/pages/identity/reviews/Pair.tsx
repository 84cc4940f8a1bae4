import {
  ActionIcon,
  Box,
  Button,
  Group,
  Kbd,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { getHotkeyHandler } from "@mantine/hooks";
import { IconArrowLeft, IconArrowRight } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import type { Review } from "../asked";
import classes from "../Identity.module.css";
import { Evidence } from "./Evidence";
import { Outcome } from "./Outcome";
import type { Verdict } from "./Queue";

interface PairProps {
  review: Review;
  place: { at: number; of: number };
  pending: boolean;
  on: {
    answer: (review: Review, verdict: Verdict, reason: string) => void;
    step: (by: number) => void;
    skip: (review: Review) => void;
    undo: () => void;
  };
}

/** One pair with its evidence. Keys work while the focus is in it, and not in a field. */
export function Pair({ review, place, pending, on }: PairProps) {
  const say = useTranslations("identity.reviews");
  const { share, decimal } = useAmounts();
  const may = useMay("identity:decide");
  const [reason, setReason] = useState("");
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
  }, []);
  const answer = (verdict: Verdict) => may && on.answer(review, verdict, reason.trim());
  const keys = getHotkeyHandler([
    ["s", () => answer("same")],
    ["d", () => answer("different")],
    ["k", () => on.skip(review)],
    ["u", () => on.undo()],
    ["ArrowRight", () => on.step(1)],
    ["ArrowLeft", () => on.step(-1)],
  ]);
  return (
    <Box
      ref={box}
      tabIndex={-1}
      role="group"
      aria-label={say("pair", { at: place.at, of: place.of })}
      className={classes.queue}
      data-review={review.review_id}
      onKeyDown={(event) => {
        if (!(event.target instanceof HTMLInputElement)) keys(event);
      }}
    >
      <Panel
        title={say("title", { share: share(review.probability) })}
        aside={
          <Group gap="xs">
            <Text size="xs" c="dimmed" className="figures">
              {say("bits", { bits: decimal(review.weight), model: review.model })}
            </Text>
            <Steps place={place} onStep={on.step} />
          </Group>
        }
        flush
      >
        <Evidence review={review} />
        <Stack p="sm" gap="sm">
          {may ? (
            <>
              <Outcome review={review} />
              <TextInput
                label={say("reason")}
                placeholder={say("reasonSuch")}
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
              />
              <Group gap="xs">
                <Answer letter="S" loading={pending} onClick={() => answer("same")} main>
                  {say("same")}
                </Answer>
                <Answer letter="D" loading={pending} onClick={() => answer("different")}>
                  {say("different")}
                </Answer>
                <Answer letter="K" onClick={() => on.skip(review)}>
                  {say("skip")}
                </Answer>
              </Group>
              <Text size="xs" c="dimmed">
                {say("keys")}
              </Text>
            </>
          ) : (
            <Text size="sm" c="dimmed">
              {say("mayNot")}
            </Text>
          )}
        </Stack>
      </Panel>
    </Box>
  );
}

interface AnswerProps {
  letter: string;
  main?: boolean;
  loading?: boolean;
  onClick: () => void;
  children: string;
}

function Answer({ letter, main = false, loading = false, onClick, children }: AnswerProps) {
  return (
    <Button
      size="sm"
      variant={main ? "filled" : "default"}
      loading={loading}
      onClick={onClick}
      aria-keyshortcuts={letter}
      rightSection={
        <Kbd size="xs" visibleFrom="sm" aria-hidden>
          {letter}
        </Kbd>
      }
    >
      {children}
    </Button>
  );
}

function Steps({ place, onStep }: { place: PairProps["place"]; onStep: (by: number) => void }) {
  const say = useTranslations("identity.reviews");
  return (
    <Group gap={4}>
      <Tooltip label={say("previous")}>
        <ActionIcon variant="default" aria-label={say("previous")} onClick={() => onStep(-1)}>
          <IconArrowLeft size={15} />
        </ActionIcon>
      </Tooltip>
      <Text size="xs" className="figures">
        {place.at} / {place.of}
      </Text>
      <Tooltip label={say("next")}>
        <ActionIcon variant="default" aria-label={say("next")} onClick={() => onStep(1)}>
          <IconArrowRight size={15} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
