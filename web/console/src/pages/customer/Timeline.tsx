import { Button, Chip, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import type { PaneProps } from "./Customer";
import classes from "./Customer.module.css";
import { TIMELINE_KINDS, timelineOf } from "./customer";
import { Entry, type TimelineEntry } from "./Entry";

/** What became of the customer, newest first. */
export function Timeline({ id, brand }: PaneProps) {
  const say = useTranslations("customer");
  const format = useFormatter();
  const asOf = useAsOf();
  const navigate = useNavigate({ from: "/customers/$id" });
  const { kind } = useSearch({ from: "/customers/$id" });
  const pages = useInfiniteQuery(timelineOf(id, { asOf, brand, kind }));
  if (pages.isError) return <Refused error={pages.error} again={pages.refetch} />;
  const entries = (pages.data?.pages ?? []).flatMap(
    (page) => page.data as unknown as TimelineEntry[],
  );
  const days = new Map<string, TimelineEntry[]>();
  for (const one of together(entries)) {
    const day = format.dateTime(new Date(one.occurred_at), { dateStyle: "full" });
    days.set(day, [...(days.get(day) ?? []), one]);
  }

  return (
    <Stack gap="md">
      <Chip.Group
        value={kind ?? "all"}
        onChange={(next) => {
          const chosen = TIMELINE_KINDS.find((one) => one === next);
          navigate({ search: (before) => ({ ...before, kind: chosen }), resetScroll: false });
        }}
      >
        <Group gap={6} role="group" aria-label={say("filter")}>
          {(["all", ...TIMELINE_KINDS] as const).map((one) => (
            <Chip key={one} value={one} size="xs" variant="outline">
              {say(`kinds.${one}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {pages.isPending && <Skeleton height={240} />}
      {!pages.isPending && entries.length === 0 && (
        <Teaching title={say("nothingHappened")}>{say("nothingHappenedHow")}</Teaching>
      )}
      {[...days].map(([day, some]) => (
        <Panel key={day} title={day} flush>
          {some.map((one, number) => (
            <div key={keyOf(one, number)} className={classes.entry}>
              <Entry entry={one} />
            </div>
          ))}
        </Panel>
      ))}
      {pages.hasNextPage && (
        <Button
          variant="default"
          loading={pages.isFetchingNextPage}
          onClick={() => pages.fetchNextPage()}
        >
          {say("earlier")}
        </Button>
      )}
      {!pages.hasNextPage && entries.length > 0 && (
        <Text size="xs" c="dimmed" ta="center">
          {say("theBeginning")}
        </Text>
      )}
    </Stack>
  );
}

/** Several entries may have one moment, and one message may make several. */
function keyOf(entry: TimelineEntry, place: number): string {
  return [entry.kind, entry.message_id ?? entry.segment ?? entry.occurred_at, place].join(" ");
}

/** Of segments that were entered at once, or left at once, one entry names all. */
function together(entries: TimelineEntry[]): TimelineEntry[] {
  const found: TimelineEntry[] = [];
  const open = new Map<string, string[]>();
  for (const one of entries) {
    if (!one.segment) {
      found.push(one);
      continue;
    }
    const event = [one.occurred_at, one.change, one.reason].join(" ");
    const named = open.get(event);
    if (named) {
      if (!named.includes(one.segment)) named.push(one.segment);
      continue;
    }
    const segments = [one.segment];
    open.set(event, segments);
    found.push({ ...one, segments });
  }
  return found;
}
