import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../../api/vocabulary";
import type { Tree } from "../tree";
import { Choice, width } from "./Choice";

/** Which events: those of one name, of any, orders as they stand, or returns. */
export function EventField({
  rule,
  onChange,
  orders = false,
  returns = false,
}: {
  /** What holds `event`, `orders` or `returns`. */
  rule: Tree;
  onChange: (rule: Tree) => void;
  /** Whether orders as they stand may be meant. */
  orders?: boolean;
  /** Whether returns may be meant, which are only counted. */
  returns?: boolean;
}) {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  const { event: _event, orders: _orders, returns: _returns, ...rest } = rule;
  const named = typeof rule.event === "string" ? rule.event : null;
  const names = (data?.events ?? []).map(({ name }) => name);
  if (named && !names.includes(named)) names.unshift(named);
  return (
    <Choice
      label={say("event")}
      strong
      searchable
      placeholder={say("chooseEvent")}
      data={[
        ...names.map((name) => ({ value: `name:${name}`, label: name })),
        { value: "any", label: say("anyEvent") },
        ...(orders ? [{ value: "orders", label: say("orders") }] : []),
        ...(returns ? [{ value: "returns", label: say("returns") }] : []),
      ]}
      value={chosenOf(rule, named)}
      onChange={(chosen) => {
        if (chosen === "orders" || chosen === "returns") onChange({ ...rest, [chosen]: true });
        else if (chosen === "any") onChange(rest);
        else onChange({ event: chosen.slice("name:".length), ...rest });
      }}
    />
  );
}

function chosenOf(rule: Tree, named: string | null): string | null {
  if (rule.orders) return "orders";
  if (rule.returns) return "returns";
  if (named === "") return null;
  return named === null ? "any" : `name:${named}`;
}

export interface Named {
  name: string;
  kind: string;
}

/** The properties that an event, an order or its lines have. */
export function useProperties(of: { event?: string; orders?: boolean; lines?: boolean }): Named[] {
  const { data } = useQuery(vocabulary);
  if (!data) return [];
  const reached = data.entities
    .filter((entity) => (of.lines ? entity.of_lines : entity.of_events))
    .flatMap(({ name, attributes }) =>
      attributes.map((one) => ({ name: `${name}.${one.name}`, kind: one.kind })),
    );
  if (of.lines) return [...data.line_properties, ...reached];
  if (of.orders) return data.order_properties;
  const events = of.event ? data.events.filter(({ name }) => name === of.event) : data.events;
  const own = new Map<string, Named>();
  for (const one of events.flatMap(({ properties }) => properties)) own.set(one.name, one);
  for (const one of data.event_columns) own.set(one.name, one);
  return [
    ...own.values(),
    { name: "occurred.hour", kind: "number" },
    { name: "occurred.weekday", kind: "text" },
    ...reached,
  ];
}

/** Whether what happened brought lines of orders, so that one can ask about them. */
export function useHasLines(of: { event?: string; orders?: boolean; lines?: boolean }): boolean {
  const { data } = useQuery(vocabulary);
  if (of.lines || of.orders) return of.orders === true;
  const { event } = of;
  const asked = (data?.events ?? []).filter(({ name }) => event === undefined || name === event);
  return asked.some(({ lines }) => lines);
}

/** A name out of those that are known, or any other. */
export function NameField({
  label,
  names,
  value,
  onChange,
  placeholder,
}: {
  label: string;
  names: string[];
  value: string;
  onChange: (name: string) => void;
  placeholder?: string;
}) {
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      placeholder={placeholder}
      data={[...new Set(names)]}
      w={width(value || placeholder || "")}
      maxDropdownHeight={320}
      limit={60}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      value={value}
      onChange={onChange}
      error={value === ""}
    />
  );
}
