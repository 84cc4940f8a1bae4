import { Anchor, Badge, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useTold } from "../../language/told";
import { useAmounts } from "../../show/amounts";
import { Foreign } from "../../show/Foreign";
import { tellingly } from "../../show/worded";
import { useWritten } from "../../show/written";
import classes from "./Customer.module.css";
import type { Line } from "./customer";

/** One entry of the timeline, of any kind. */
export interface TimelineEntry {
  kind: string;
  occurred_at: string;
  name?: string;
  about?: string;
  source?: string;
  brand?: string;
  channel?: string;
  message_id?: string;
  currency?: string | null;
  revenue?: string | null;
  properties?: Record<string, unknown> | null;
  lines?: Line[];
  text?: string | null;
  segment?: string;
  /** Those that were entered or left together. */
  segments?: string[];
  change?: string;
  reason?: string;
  /** Of a merge or a split: what brought it about, by a code. */
  cause?: string | null;
  events?: number;
  pages?: number;
}

export function Entry({ entry }: { entry: TimelineEntry }) {
  const format = useFormatter();
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Text size="xs" c="dimmed" miw={60} pt={2} className={classes.hour} component="time">
        {format.dateTime(new Date(entry.occurred_at), { timeStyle: "short" })}
      </Text>
      <div style={{ minWidth: 0, flex: 1 }}>
        <Group gap="xs" justify="space-between">
          <Title entry={entry} />
          <Text size="xs" c="dimmed">
            {[entry.source, entry.brand, entry.channel].filter(Boolean).join(" · ")}
          </Text>
        </Group>
        <Detail entry={entry} />
      </div>
    </Group>
  );
}

function Title({ entry }: { entry: TimelineEntry }) {
  const say = useTranslations("customer");
  const amounts = useAmounts();
  const title = entry.segments
    ? say(entry.change === "left" ? "leftSegment" : "enteredSegment", {
        segment: tellingly(entry.segments)
          .map(({ words }) => words)
          .join(", "),
      })
    : (entry.name ?? say(`titles.${OF_PATRON.find((kind) => kind === entry.kind) ?? "visit"}`));
  return (
    <Group gap="xs">
      <Text size="sm" fw={500}>
        {title}
      </Text>
      {entry.revenue && (
        <Badge color="teal">{amounts.money(entry.revenue, entry.currency ?? null)}</Badge>
      )}
      {entry.kind === "visit" && (
        <Badge color="gray">{say("visited", { events: entry.events ?? 0 })}</Badge>
      )}
    </Group>
  );
}

function Detail({ entry }: { entry: TimelineEntry }) {
  const lines = entry.lines ?? [];
  const written = useWritten();
  const say = useTranslations("customer");
  const why = REASONS.find((reason) => reason === entry.reason);
  const { cause } = useTold();
  const said = why
    ? { text: say(`reasons.${why}`), foreign: false }
    : entry.reason && cause(entry.change ?? "", entry.cause, entry.reason);
  const words = entry.text ?? (said && <Foreign said={said} />);
  const properties = Object.entries(entry.properties ?? {}).filter(
    ([name, value]) => value !== null && name !== "products" && !SHOWN.has(name),
  );
  return (
    <>
      {words && (
        <Text size="sm" className={classes.note}>
          {words}
        </Text>
      )}
      {lines.length > 0 && <Lines lines={lines} />}
      {lines.length === 0 && properties.length > 0 && (
        <Text size="xs" c="dimmed" lineClamp={2}>
          {properties.map(([name, value]) => `${name}: ${written(value)}`).join(" · ")}
        </Text>
      )}
    </>
  );
}

/** The first lines of an order, and all on demand. */
function Lines({ lines }: { lines: Line[] }) {
  const say = useTranslations("customer");
  const [whole, setWhole] = useState(false);
  const shown = whole ? lines : lines.slice(0, FEW);
  return (
    <>
      {shown.map((line, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and stay put
        <Text size="xs" c="dimmed" key={number}>
          {[line.quantity, line.product_name ?? line.category ?? line.product_id]
            .filter(Boolean)
            .join(" × ")}
        </Text>
      ))}
      {lines.length > FEW && (
        <Anchor component="button" size="xs" lh="1.5rem" onClick={() => setWhole(!whole)}>
          {whole ? say("less") : say("all", { count: lines.length })}
        </Anchor>
      )}
    </>
  );
}

const FEW = 3;

/** Entries that are no events have no name of their own. */
const OF_PATRON = ["note", "identity", "visit"] as const;

/** Why memberships change; the API gives these words, and whole sentences elsewhere. */
const REASONS = ["data", "time", "definition", "merged"] as const;

/** Said beside the title already. */
const SHOWN = new Set(["revenue", "currency", "total", "line_count"]);
