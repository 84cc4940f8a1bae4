import { Group } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Choice } from "../fields/Choice";
import { Comparison } from "../fields/Comparison";
import { Filter, of } from "../fields/Filter";
import { Measured } from "../fields/Measured";
import { EventField, NameField, useHasLines, useProperties } from "../fields/Names";
import { OfWhat } from "../fields/OfWhat";
import { Whole } from "../fields/Span";
import { WindowField } from "../fields/Window";
import { isNumeric } from "../operators";
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
  const hasLines = useHasLines({ event: of(events).event });
  const lines =
    events.lines === true || (hasLines && events.orders !== true && events.returns !== true);
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
          data={VERBS.filter((one) => lines || one !== "lines").map((one) => ({
            value: one,
            label: say(`verbs.${one}`),
          }))}
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
            <OfWhat events={events} lines={lines} onChange={change} />
          </>
        )}
        <EventField rule={events} onChange={change} orders returns={!measured && !events.lines} />
        {verb === "most_frequent" && (
          <>
            <span>{say("timesAtLeast")}</span>
            <Whole
              label={say("timesAtLeast")}
              value={Number(rule.times ?? 1)}
              onChange={(times) => onChange(put(rule, "times", times > 1 ? times : undefined))}
            />
          </>
        )}
        <WindowField value={events.in} onChange={(window) => change(put(events, "in", window))} />
        <Currency rule={events} onChange={change} />
        <Brands rule={events} onChange={change} />
        {picks && (
          <Comparison
            rule={rule}
            onChange={onChange}
            kind={kind}
            source={
              name
                ? {
                    of: events.lines ? "line-property" : "event-property",
                    name,
                    event: events.event && !events.lines ? String(events.event) : undefined,
                  }
                : undefined
            }
          />
        )}
        {!picks && verb !== "did" && verb !== "didNot" && (
          <Measured rule={rule} onChange={onChange} />
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

/** The same events, asked something else about. */
function said(events: Tree, verb: Verb, before: Tree): Tree {
  const { property = "", lines, where, returns, ...plain } = events;
  const counted = verb === "did" || verb === "didNot" || verb === "count";
  const rest = counted ? put(plain, "returns", returns) : plain;
  const stays = put(rest, "where", where);
  const on = verb === "lines" || counted;
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
