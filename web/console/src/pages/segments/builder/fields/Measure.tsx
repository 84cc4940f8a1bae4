import { Group } from "@mantine/core";
import { useTranslations } from "use-intl";
import { isTree, keyOf, MEASURES, PICKS, put } from "../forms/fits";
import { Brands, Currency } from "../forms/Scope";
import { isNumeric } from "../operators";
import type { Tree } from "../tree";
import { Choice } from "./Choice";
import { Filter, of } from "./Filter";
import { EventField, NameField, useHasLines, useProperties } from "./Names";
import { OfWhat } from "./OfWhat";
import { WindowField } from "./Window";

interface Props {
  /** One measure: what holds `count`, `sum` and the like. */
  value: Tree;
  onChange: (value: Tree) => void;
  /** Whether one value, such as the first, may be taken. */
  picks?: boolean;
}

/** A number that is measured of events, of orders or of the lines in them. */
export function MeasureFields({ value, onChange, picks = false }: Props) {
  const say = useTranslations("segments.builder");
  const known = picks ? [...MEASURES, ...PICKS] : MEASURES;
  const measure = keyOf(value, known) ?? "count";
  const events = isTree(value[measure]) ? value[measure] : {};
  const properties = useProperties(of(events));
  const hasLines = useHasLines({ event: of(events).event });
  const lines =
    events.lines === true || (hasLines && events.orders !== true && events.returns !== true);
  const change = (next: Tree) => onChange({ ...value, [measure]: next });
  return (
    <>
      <Group gap={6}>
        <Choice
          label={say("measure")}
          data={known.map((one) => ({ value: one, label: say(`verbs.${one}`) }))}
          value={measure}
          onChange={(chosen) => {
            const { property = "", returns: _returns, ...plain } = events;
            onChange({ [chosen]: chosen === "count" ? plain : { property, ...plain } });
          }}
        />
        {measure !== "count" && (
          <NameField
            label={say("property")}
            placeholder={say("property")}
            names={properties
              .filter((one) => measure === "distinct" || isNumeric(one.kind))
              .map((one) => one.name)}
            value={String(events.property ?? "")}
            onChange={(property) => change({ ...events, property })}
          />
        )}
        <OfWhat events={events} lines={lines} onChange={change} />
        <EventField rule={events} onChange={change} orders returns={measure === "count"} />
        <WindowField value={events.in} onChange={(window) => change(put(events, "in", window))} />
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
