import { Badge, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { Dialog } from "../../../show/Dialog";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { type Decision, decisionsMade } from "../asked";
import { Deciding } from "../Deciding";
import classes from "../Identity.module.css";

/** What people decided, and whether it still holds; each can be taken back. */
export function Decisions() {
  const say = useTranslations("identity.decisions");
  const made = useInfiniteQuery(decisionsMade);
  const [back, setBack] = useState<number>();
  const all = made.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Panel title={say("title")} flush>
      {made.isError && <Refused error={made.error} again={made.refetch} />}
      {made.isPending && <Skeleton height={120} m="md" />}
      {made.data && all.length === 0 && <Teaching title={say("none")}>{say("noneHow")}</Teaching>}
      {all.map((one) => (
        <Row key={one.decision_id} decision={one} onBack={() => setBack(one.decision_id ?? 0)} />
      ))}
      {made.hasNextPage && (
        <Button variant="subtle" m="xs" onClick={() => made.fetchNextPage()}>
          {say("more")}
        </Button>
      )}
      <Dialog
        opened={back !== undefined}
        onClose={() => setBack(undefined)}
        title={say("backTitle", { number: String(back) })}
      >
        {back !== undefined && (
          <Deciding
            wish={{ do: "withdraw", decision: back }}
            action={say("takeBack")}
            onDone={() => setBack(undefined)}
          />
        )}
      </Dialog>
    </Panel>
  );
}

function Row({ decision, onBack }: { decision: Decision; onBack: () => void }) {
  const say = useTranslations("identity.decisions");
  const may = useMay("identity:decide");
  const { withdrawn } = decision;
  return (
    <div className={classes.row} data-decision={decision.decision_id}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={2} miw={0}>
          <Group gap="xs">
            <Badge color={decision.kind === "same" ? "indigo" : "orange"}>
              {say(decision.kind === "same" ? "same" : "apart")}
            </Badge>
            <Text size="sm" fw={500}>
              {decision.groups.map((group) => group.join(", ")).join(" | ")}
            </Text>
            {withdrawn && <Badge color="gray">{say("takenBack")}</Badge>}
          </Group>
          <Text size="sm">{decision.reason}</Text>
          <Text size="xs" c="dimmed">
            {say("number", { number: String(decision.decision_id) })} ·{" "}
            <When at={decision.made_at} exact /> · {decision.made_by}
            {decision.on_behalf_of && ` (${decision.on_behalf_of})`}
          </Text>
          {withdrawn && (
            <Text size="xs" c="dimmed">
              {say("takenBack")}: <When at={withdrawn.at} exact /> · {withdrawn.by} ·{" "}
              {withdrawn.reason}
            </Text>
          )}
        </Stack>
        {may && !withdrawn && (
          <Button
            variant="default"
            onClick={onBack}
            aria-label={say("backTitle", { number: String(decision.decision_id) })}
          >
            {say("takeBack")}
          </Button>
        )}
      </Group>
    </div>
  );
}
