import { Group } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Choice } from "../fields/Choice";
import { Comparison } from "../fields/Comparison";
import { Filter } from "../fields/Filter";
import { EventField, NameField, useProperties } from "../fields/Names";
import { WindowField } from "../fields/Window";
import { isNumeric, OF_MEASURES } from "../operators";
import type { Tree } from "../tree";
import type { FormProps } from ".";
import { isTree, keyOf, MEASURES, type Measure, PICKS, type Pick, put } from "./fits";
import { Brands, Currency } from "./Scope";

/** Of which lines are asked as well as events. */
type Verb = "did" | "didNot" | Measure | "lines" | Pick;
const VERBS: readonly Verb[] = [
  "did",
  "didNot",
  "count",
  "lines",
  "sum",
  "average",
  "min",
  "max",
  "distinct",
  "first",
  "last",
  "most_frequent",
];

const verbOf = (rule: Tree, key: Measure | Pick, events: Tree): Verb => {
  if (key !== "count") return key;
  if (events.lines) return "lines";
  if (rule.op === ">=" && rule.value === 1) return "did";
  return rule.op === "=" && rule.value === 0 ? "didNot" : "count";
};

/** What somebody did: whether, how often, how much, and which value it had. */
export function EventsForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const key = keyOf(rule, [...MEASURES, ...PICKS]) ?? "count";
  const events = isTree(rule[key]) ? rule[key] : {};
  const verb = verbOf(rule, key, events);
  const picks = PICKS.some((one) => one === key);
  const measured = key !== "count";
  const properties = useProperties(of(events));
  const suitable =
    key === "distinct" || picks ? properties : properties.filter(({ kind }) => isNumeric(kind));
  const name = String(events.property ?? "");
  const kind = properties.find((one) => one.name === name)?.kind ?? "any";
  const change = (next: Tree) => onChange({ ...rule, [key]: next });

  return (
    <>
      <Group gap={6}>
        <Choice
          label={say("verb")}
          data={VERBS.map((one) => ({ value: one, label: say(`verbs.${one}`) }))}
          value={verb}
          onChange={(chosen) => onChange(said(events, chosen as Verb, rule))}
        />
        {measured && (
          <>
            <NameField
              label={say("property")}
              placeholder={say("property")}
              names={suitable.map((one) => one.name)}
              value={name}
              onChange={(property) => change({ ...events, property })}
            />
            <Choice
              label={say("ofWhat")}
              data={[
                { value: "events", label: say("of") },
                { value: "lines", label: say("ofLines") },
              ]}
              value={events.lines ? "lines" : "events"}
              onChange={(chosen) =>
                change(
                  put(put(events, "lines", chosen === "lines" || undefined), "where", undefined),
                )
              }
            />
          </>
        )}
        <EventField rule={events} onChange={change} orders />
        <WindowField value={events.in} onChange={(window) => change(put(events, "in", window))} />
        <Currency rule={events} onChange={change} />
        <Brands rule={events} onChange={change} />
        {verb !== "did" && verb !== "didNot" && (
          <Comparison
            rule={rule}
            onChange={onChange}
            kind={picks ? kind : "number"}
            operators={picks ? undefined : OF_MEASURES}
            source={
              picks && name
                ? {
                    of: events.lines ? "line-property" : "event-property",
                    name,
                    event: events.event && !events.lines ? String(events.event) : undefined,
                  }
                : undefined
            }
          />
        )}
      </Group>
      <Filter
        of={of(events)}
        value={events.where}
        onChange={(where) => change(put(events, "where", where))}
      />
    </>
  );
}

export const of = (events: Tree) => ({
  event: typeof events.event === "string" ? events.event : undefined,
  orders: events.orders === true,
  lines: events.lines === true,
});

/** The same events, asked something else about. */
function said(events: Tree, verb: Verb, before: Tree): Tree {
  const { property = "", lines, where, ...rest } = events;
  const stays = put(rest, "where", where);
  const on = verb === "lines" || verb === "did" || verb === "didNot" || verb === "count";
  // Filters on lines mean nothing to events, nor the other way round.
  const wantsLines = verb === "lines" || (!on && lines === true);
  const kept = wantsLines === (lines === true) ? stays : rest;
  const asked = wantsLines ? { ...kept, lines: true } : kept;
  if (verb === "did") return { count: asked, op: ">=", value: 1 };
  if (verb === "didNot") return { count: asked, op: "=", value: 0 };
  const number = typeof before.value === "number" && before.value > 1 ? before.value : 2;
  if (verb === "count" || verb === "lines") return { count: asked, op: ">=", value: number };
  const full = { property, ...asked };
  if (PICKS.some((one) => one === verb)) return { [verb]: full, op: "=", value: null };
  return { [verb]: full, op: ">=", value: number };
}
