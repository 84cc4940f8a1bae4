import { Group, NumberInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { Source } from "../../../../api/vocabulary";
import { beginning, carried, operator, operatorsOf } from "../operators";
import { readSpan, writeSpan } from "../spans";
import type { Json, Tree } from "../tree";
import { Choice } from "./Choice";
import { SpanField, Whole } from "./Span";
import { DayField, ManyField, NumberField, ValueField } from "./Value";

interface Props {
  /** What holds `op` and `value`. */
  rule: Tree;
  onChange: (rule: Tree) => void;
  kind: string;
  /** Dates of customers are compared with now, properties of events are not. */
  aboutNow?: boolean;
  source?: Source;
  operators?: string[];
  /** The value stands elsewhere. */
  without?: boolean;
  /** What stands between the operator and the value. */
  between?: ReactNode;
}

/** An operator, and what stands behind it. */
export function Comparison({ aboutNow = false, without = false, between, ...props }: Props) {
  const { rule, onChange, kind, source, operators } = props;
  const say = useTranslations("segments.builder");
  const op = String(rule.op);
  const choose = (next: string) => onChange(compared(rule, next, kind));
  const known = operators ?? operatorsOf(kind, aboutNow);
  return (
    <>
      <Choice
        label={say("operator")}
        data={known.map((one) => {
          const found = operator(one);
          return { value: one, label: found ? say(`ops.${found.name}`) : one };
        })}
        value={op}
        onChange={choose}
      />
      {between}
      {!without && (
        <Behind
          op={op}
          kind={kind}
          source={source}
          value={rule.value}
          onChange={(value) => onChange({ ...rule, value })}
        />
      )}
    </>
  );
}

/** The same condition with another operator. */
export function compared(rule: Tree, op: string, kind: string): Tree {
  const value = carried(rule.value, String(rule.op), op, kind);
  const { value: _before, ...rest } = rule;
  return value === undefined ? { ...rest, op } : { ...rest, op, value };
}

/** A condition that begins with an operator. */
export function begun(rule: Tree, op: string, kind: string): Tree {
  const value = beginning(op, kind);
  return value === undefined ? { ...rule, op } : { ...rule, op, value };
}

interface BehindProps {
  op: string;
  kind: string;
  source?: Source;
  value: Json | undefined;
  onChange: (value: Json) => void;
}

function Behind({ op, kind, source, value, onChange }: BehindProps) {
  const say = useTranslations("segments.builder");
  const label = say("value");
  switch (operator(op)?.shape) {
    case "nothing":
      return null;
    case "many":
      return <ManyField {...{ label, value, onChange, kind, source }} />;
    case "number":
      return <NumberField {...{ label, value, onChange }} />;
    case "two":
      return <Two {...{ value, onChange, kind }} />;
    case "day":
      return <DayField {...{ label, value, onChange }} />;
    case "span":
      return <SpanField {...{ label, value, onChange }} />;
    case "anniversary":
      return <Anniversary {...{ value, onChange }} />;
    case "circle":
      return <Numbers names={["lat", "lon", "km"]} {...{ value, onChange }} />;
    case "box":
      return <Numbers names={["south", "west", "north", "east"]} {...{ value, onChange }} />;
    case "words":
      return <ValueField kind="text" {...{ label, value, onChange, source }} />;
    default:
      return <ValueField {...{ label, value, onChange, kind, source }} />;
  }
}

function Two({ value, onChange, kind }: Pick<BehindProps, "value" | "onChange" | "kind">) {
  const say = useTranslations("segments.builder");
  const [low = null, high = null] = Array.isArray(value) ? value : [];
  const Field = kind === "date" || typeof low === "string" ? DayField : NumberField;
  return (
    <>
      <Field label={say("from")} value={low} onChange={(one) => onChange([one, high])} />
      <span>{say("and")}</span>
      <Field label={say("to")} value={high} onChange={(one) => onChange([low, one])} />
    </>
  );
}

/** Today, this month, on one of the next days, or on the one that comes in so many. */
function Anniversary({ value, onChange }: Pick<BehindProps, "value" | "onChange">) {
  const say = useTranslations("segments.builder");
  const text = typeof value === "string" ? value : "today";
  const named = text === "today" || text === "month";
  const exactly = text.startsWith("in ");
  const span = readSpan(text.replace(/^in /, "")) ?? { count: 7, unit: "d" as const };
  const length = writeSpan(span);
  return (
    <>
      <Choice
        label={say("value")}
        data={[
          { value: "today", label: say("anniversary.today") },
          { value: "month", label: say("anniversary.month") },
          { value: "next", label: say("anniversary.next") },
          { value: "in", label: say("anniversary.in") },
        ]}
        value={named ? text : exactly ? "in" : "next"}
        onChange={(chosen) =>
          onChange(chosen === "next" ? length : chosen === "in" ? `in ${length}` : chosen)
        }
      />
      {!named && (
        <>
          <Whole
            label={say("value")}
            value={span.count}
            onChange={(count) =>
              onChange(`${exactly ? "in " : ""}${writeSpan({ count, unit: "d" })}`)
            }
          />
          <span>{say("units.d", { count: span.count })}</span>
        </>
      )}
    </>
  );
}

/** Several numbers with names, such as a latitude. */
function Numbers({
  names,
  value,
  onChange,
}: Pick<BehindProps, "value" | "onChange"> & {
  names: readonly ("lat" | "lon" | "km" | "south" | "west" | "north" | "east")[];
}) {
  const say = useTranslations("segments.builder.places");
  const held: Tree =
    typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  return (
    <Group gap={6}>
      {names.map((name) => (
        <NumberInput
          key={name}
          size="xs"
          w={112}
          hideControls
          aria-label={say(name)}
          leftSection={<small>{say(name)}</small>}
          leftSectionWidth={48}
          value={typeof held[name] === "number" ? held[name] : ""}
          onChange={(typed) =>
            onChange({ ...held, [name]: typeof typed === "number" ? typed : null })
          }
        />
      ))}
    </Group>
  );
}
