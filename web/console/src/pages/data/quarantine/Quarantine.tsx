import { Anchor, Button, Group, SegmentedControl, Select, Skeleton, Text } from "@mantine/core";
import { IconArrowLeft, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { QuarantineSearch } from "../../../app/routes/data";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { useReasons } from "../Reason";
import { allSources } from "../sources/asked";
import { groupsOf } from "./asked";
import { GroupRow } from "./GroupRow";
import { ReplayResult } from "./ReplayResult";
import { Rows } from "./Rows";
import { useReplay } from "./useReplay";

/** What was refused and why, in groups; sending it through again when the reason is gone. */
export function Quarantine() {
  const say = useTranslations("quarantine");
  const { number } = useAmounts();
  const may = useMay("data:write");
  const { state, ...choice } = useSearch({ from: "/data/quarantine" });
  const waiting = state !== "replayed";
  const one = choice.field !== undefined;
  const found = useQuery(groupsOf(choice, waiting));
  const replay = useReplay();
  const groups = found.data?.data ?? [];
  const messages = groups.reduce((sum, group) => sum + group.messages, 0);
  const group = one ? groups[0] : undefined;
  return (
    <>
      {one ? (
        <Back source={choice.source} state={state} />
      ) : (
        <Narrow wanted={{ ...choice, state }} />
      )}
      {replay.tried && (
        <ReplayResult tried={replay.tried} onStop={replay.stop} onClose={replay.forget} />
      )}
      <Panel
        title={say(waiting ? "title" : "replayedTitle")}
        flush
        aside={
          may &&
          waiting &&
          messages > 0 && (
            <Button
              leftSection={<IconRefresh size={14} />}
              loading={replay.tried?.running}
              onClick={() => replay.run(choice, messages)}
            >
              {say("replayAll", { count: messages, shown: number(messages) })}
            </Button>
          )
        }
      >
        {found.isError && <Refused error={found.error} again={found.refetch} />}
        {found.isPending && <Skeleton height={220} m="sm" />}
        {found.data && groups.length === 0 && (
          <Teaching title={say(waiting ? "none" : "noneReplayed")}>
            {say(waiting ? "noneHow" : "noneReplayedHow")}
          </Teaching>
        )}
        {groups.map((each) => (
          <GroupRow
            key={`${each.source} ${each.code} ${each.field}`}
            group={each}
            opened={one}
            state={state}
            busy={replay.tried?.running ?? false}
            onReplay={
              may && waiting && !one && each.messages > 0
                ? () =>
                    replay.run(
                      { source: each.source, code: each.code, field: each.field ?? "" },
                      each.messages,
                    )
                : undefined
            }
          />
        ))}
        {(found.data?.left_out ?? 0) > 0 && (
          <Text size="xs" c="dimmed" p="sm">
            {say("moreGroups", { count: found.data?.left_out ?? 0 })}
          </Text>
        )}
        {group && (
          <Rows
            group={group}
            waiting={waiting}
            onReplay={may && waiting ? (id) => replay.run([id], 1) : undefined}
          />
        )}
      </Panel>
    </>
  );
}

function Back({ source, state }: Pick<QuarantineSearch, "source" | "state">) {
  const say = useTranslations("quarantine");
  return (
    <Anchor
      size="sm"
      mb="sm"
      display="inline-block"
      renderRoot={(props) => <Link to="/data/quarantine" search={{ source, state }} {...props} />}
    >
      <Group gap={4}>
        <IconArrowLeft size={14} aria-hidden />
        {say("allGroups")}
      </Group>
    </Anchor>
  );
}

/** What narrows the groups stands in the address. */
function Narrow({ wanted }: { wanted: QuarantineSearch }) {
  const say = useTranslations("quarantine");
  const navigate = useNavigate({ from: "/data/quarantine" });
  const { called } = useReasons();
  const sources = useQuery(allSources);
  const everything = useQuery(groupsOf({}, wanted.state !== "replayed"));
  const codes = [...new Set((everything.data?.data ?? []).map(({ code }) => code))].sort();
  const narrow = (change: QuarantineSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }) });
  return (
    <Group mb="md" gap="sm">
      <Select
        w={{ base: "100%", xs: 200 }}
        aria-label={say("source")}
        placeholder={say("anySource")}
        data={(sources.data?.data ?? []).map(({ name }) => name)}
        value={wanted.source ?? null}
        onChange={(source) => narrow({ source: source ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": say("anySource") }}
      />
      <Select
        w={{ base: "100%", xs: 260 }}
        aria-label={say("reason")}
        placeholder={say("anyReason")}
        data={codes.map((value) => ({ value, label: called(value) }))}
        value={wanted.code ?? null}
        onChange={(code) => narrow({ code: code ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": say("anyReason") }}
      />
      <SegmentedControl
        aria-label={say("state")}
        value={wanted.state ?? "waiting"}
        onChange={(state) => narrow({ state: state === "replayed" ? state : undefined })}
        data={(["waiting", "replayed"] as const).map((value) => ({
          value,
          label: say(`states.${value}`),
        }))}
      />
    </Group>
  );
}
