import { Group } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Choice } from "../fields/Choice";
import { Filter, of } from "../fields/Filter";
import { EventField } from "../fields/Names";
import { SpanField, Whole } from "../fields/Span";
import { WindowField } from "../fields/Window";
import { ZoneField } from "../fields/Zone";
import { PERIODS } from "../spans";
import type { Tree } from "../tree";
import type { FormProps } from ".";
import { isTree, keyOf, put } from "./fits";
import { Brands, Currency } from "./Scope";

export const PATTERNS = ["first_time", "periods", "stopped", "resumed"] as const;
type Pattern = (typeof PATTERNS)[number];

/** For the first time, regularly, no more, again. */
export function PatternForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const key = keyOf(rule, PATTERNS) ?? "first_time";
  const events = isTree(rule[key]) ? rule[key] : {};
  const change = (next: Tree) => onChange({ ...rule, [key]: next });
  return (
    <>
      <Group gap={6}>
        <Choice
          label={say("verb")}
          data={PATTERNS.map((one) => ({ value: one, label: say(`patterns.${one}`) }))}
          value={key}
          onChange={(chosen) => onChange(asked(chosen as Pattern, events))}
        />
        <EventField rule={events} onChange={change} />
        {key === "periods" && <Regularly rule={rule} onChange={onChange} />}
        {key === "stopped" && (
          <>
            <span>{say("for")}</span>
            <SpanField
              label={say("length")}
              value={rule.for}
              onChange={(span) => onChange({ ...rule, for: span })}
            />
          </>
        )}
        {key === "resumed" && (
          <>
            <span>{say("after")}</span>
            <SpanField
              label={say("length")}
              value={rule.after}
              onChange={(span) => onChange({ ...rule, after: span })}
            />
          </>
        )}
        {(key === "first_time" || key === "resumed") && (
          <WindowField value={events.in} onChange={(window) => change(put(events, "in", window))} />
        )}
        <Currency rule={events} onChange={change} />
        <Brands rule={events} onChange={change} />
      </Group>
      <Filter
        of={of(events)}
        value={events.where}
        onChange={(where) => change(put(events, "where", where))}
      />
    </>
  );
}

function Regularly({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  return (
    <>
      <Choice
        label={say("operator")}
        data={([">=", "<=", "="] as const).map((op) => ({
          value: op,
          label: say(`inPeriods.${op === ">=" ? "least" : op === "<=" ? "most" : "exactly"}`),
        }))}
        value={String(rule.op)}
        onChange={(op) => onChange({ ...rule, op })}
      />
      <Whole
        label={say("value")}
        min={0}
        value={Number(rule.value)}
        onChange={(value) => onChange({ ...rule, value })}
      />
      <span>{say("ofTheLast")}</span>
      <Whole
        label={say("length")}
        value={Number(rule.of)}
        onChange={(n) => onChange({ ...rule, of: n })}
      />
      <Choice
        label={say("unit")}
        data={PERIODS.map((unit) => ({
          value: unit,
          label: say(`periods.${unit}`, { count: Number(rule.of) }),
        }))}
        value={String(rule.unit)}
        onChange={(unit) => onChange({ ...rule, unit })}
      />
      <ZoneField value={rule.zone} onChange={(zone) => onChange(put(rule, "zone", zone))} />
    </>
  );
}

function asked(key: Pattern, events: Tree): Tree {
  const { in: window, ...rest } = events;
  const recent = { ...rest, in: window ?? { last: "30d" } };
  if (key === "first_time") return { first_time: recent };
  if (key === "stopped") return { stopped: rest, for: "60d" };
  if (key === "resumed") return { resumed: recent, after: "60d" };
  return { periods: rest, of: 4, unit: "week", op: ">=", value: 3 };
}
