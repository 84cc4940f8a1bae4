import { useTranslations } from "use-intl";
import { PERIODS } from "../spans";
import type { Json, Tree } from "../tree";
import { Choice } from "./Choice";
import { Filter, of } from "./Filter";
import { EventField } from "./Names";
import { FullField, SpanField } from "./Span";
import { DayField } from "./Value";
import { ZoneField } from "./Zone";

const KINDS = ["ever", "last", "this", "full", "since", "until", "between", "event"] as const;
type Kind = (typeof KINDS)[number];

/** What begins at midnight somewhere. */
const CALENDAR: readonly Kind[] = ["this", "full", "since", "until", "between"];

const BEGINNINGS: Record<Kind, Tree | null> = {
  ever: null,
  last: { last: "30d" },
  this: { this: "month" },
  full: { last_full: "1 month" },
  since: { from: null },
  until: { to: null },
  between: { from: null, to: null },
  event: { since_event: { event: "" }, which: "last" },
};

function kindOf(window: Json | undefined): Kind {
  if (!isTree(window)) return "ever";
  if ("last" in window) return "last";
  if ("this" in window) return "this";
  if ("last_full" in window) return "full";
  if ("since_event" in window) return "event";
  return "from" in window ? ("to" in window ? "between" : "since") : "until";
}

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Props {
  value: Json | undefined;
  /** Nothing is said for ever. */
  onChange: (window: Tree | undefined) => void;
}

/** When: a window of time. */
export function WindowField({ value, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const window = isTree(value) ? value : {};
  const kind = kindOf(value);
  const since = isTree(window.since_event) ? window.since_event : {};
  const { where: _where, ...plain } = since;
  const put = (part: Tree) => onChange({ ...window, ...part });
  return (
    <>
      <Choice
        label={say("window")}
        data={KINDS.map((one) => ({ value: one, label: say(`windows.${one}`) }))}
        value={kind}
        onChange={(chosen) => onChange(BEGINNINGS[chosen as Kind] ?? undefined)}
      />
      {kind === "last" && (
        <SpanField label={say("length")} value={window.last} onChange={(last) => put({ last })} />
      )}
      {kind === "full" && (
        <FullField
          label={say("length")}
          value={window.last_full}
          onChange={(last_full) => put({ last_full })}
        />
      )}
      {kind === "this" && (
        <Choice
          label={say("unit")}
          data={PERIODS.map((unit) => ({ value: unit, label: say(`this.${unit}`) }))}
          value={String(window.this)}
          onChange={(unit) => put({ this: unit })}
        />
      )}
      {(kind === "since" || kind === "between") && (
        <DayField label={say("from")} value={window.from} onChange={(from) => put({ from })} />
      )}
      {kind === "between" && <span>{say("and")}</span>}
      {(kind === "until" || kind === "between") && (
        <DayField label={say("to")} value={window.to} onChange={(to) => put({ to })} />
      )}
      {CALENDAR.includes(kind) && (
        <ZoneField
          value={window.zone}
          onChange={(zone) => {
            const { zone: _before, ...rest } = window;
            onChange(zone ? { ...rest, zone } : rest);
          }}
        />
      )}
      {kind === "event" && (
        <>
          <Choice
            label={say("which")}
            data={(["last", "first"] as const).map((one) => ({
              value: one,
              label: say(`whichOf.${one}`),
            }))}
            value={String(window.which)}
            onChange={(which) => put({ which })}
          />
          <EventField rule={since} onChange={(since_event) => put({ since_event })} />
          <Filter
            of={of(since)}
            value={since.where}
            onChange={(where) => put({ since_event: where ? { ...since, where } : plain })}
          />
        </>
      )}
    </>
  );
}
