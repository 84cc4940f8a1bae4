import { Group, NumberInput, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../../api/vocabulary";
import classes from "../builder.module.css";
import { isTree, keyOf, MEASURES, PICKS } from "../forms/fits";
import type { Json, Tree } from "../tree";
import { Choice } from "./Choice";
import { MeasureFields } from "./Measure";
import { NameField } from "./Names";
import { SpanField } from "./Span";
import { ValueField } from "./Value";

export const OPERATIONS = ["add", "subtract", "multiply", "divide", "least", "greatest"] as const;
type Operation = (typeof OPERATIONS)[number];
const KINDS = ["measure", "number", "trait", ...OPERATIONS, "earlier", "affinity"] as const;
type Kind = (typeof KINDS)[number];

const ORDERED: Tree = { count: { event: "Order Completed" } };

/** What each kind begins as; what is calculated with goes into it where it can. */
function begun(kind: Kind, before: Tree): Tree {
  if (kind === "measure") return ORDERED;
  if (kind === "number") return { number: 1 };
  if (kind === "trait") return { trait: "" };
  if (kind === "affinity") return { affinity: "", to: null };
  if (kind === "earlier") return { earlier: before, by: "30d" };
  const both = keyOf(before, OPERATIONS);
  return { [kind]: both ? (before[both] ?? null) : [before, { number: 1 }] };
}

const kindOf = (value: Tree): Kind =>
  keyOf(value, [...MEASURES, ...PICKS]) ? "measure" : (keyOf(value, KINDS) ?? "number");

interface Props {
  value: Tree;
  onChange: (value: Tree) => void;
}

/** A number that is calculated: of measures, numbers, computed traits, and two of these. */
export function Calculation({ value, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const kind = kindOf(value);
  return (
    <Stack gap={4}>
      <Group gap={6}>
        <Choice
          label={say("calculated")}
          data={KINDS.map((one) => ({ value: one, label: say(`calculations.${one}`) }))}
          value={kind}
          onChange={(chosen) => onChange(begun(chosen as Kind, value))}
        />
        <Inside kind={kind} value={value} onChange={onChange} />
      </Group>
      {OPERATIONS.some((one) => one === kind) && (
        <Both operation={kind as Operation} value={value} onChange={onChange} />
      )}
      {kind === "measure" && (
        <div>
          <MeasureFields value={value} onChange={onChange} picks />
        </div>
      )}
      {kind === "earlier" && (
        <div className={classes.filter}>
          <Calculation
            value={isTree(value.earlier) ? value.earlier : ORDERED}
            onChange={(earlier) => onChange({ ...value, earlier })}
          />
        </div>
      )}
    </Stack>
  );
}

function Inside({ kind, value, onChange }: Props & { kind: Kind }) {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  const computed = (data?.traits ?? []).filter((one) => one.computed);
  if (kind === "number")
    return (
      <NumberInput
        size="xs"
        w={100}
        hideControls
        aria-label={say("value")}
        value={typeof value.number === "number" ? value.number : ""}
        onChange={(typed) => onChange({ number: typeof typed === "number" ? typed : null })}
      />
    );
  if (kind === "trait" || kind === "affinity")
    return (
      <>
        <NameField
          label={say("trait")}
          placeholder={say("trait")}
          names={computed.map((one) => one.name)}
          value={String(value[kind] ?? "")}
          onChange={(name) => onChange({ ...value, [kind]: name })}
        />
        {kind === "affinity" && (
          <ValueField
            label={say("value")}
            kind="text"
            value={value.to}
            onChange={(to: Json) => onChange({ ...value, to })}
          />
        )}
      </>
    );
  if (kind === "earlier")
    return (
      <SpanField
        label={say("length")}
        value={value.by}
        onChange={(by) => onChange({ ...value, by })}
      />
    );
  return null;
}

function Both({ operation, value, onChange }: Props & { operation: Operation }) {
  const two = value[operation];
  const [left, right] = Array.isArray(two) ? two : [];
  const sides = [left, right].map((one) => (isTree(one) ? one : { number: 1 }));
  return (
    <div className={classes.filter}>
      <Stack gap={4}>
        {sides.map((one, at) => (
          <Calculation
            // The two have nothing else that stays theirs.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            value={one}
            onChange={(next) => onChange({ [operation]: sides.with(at, next) })}
          />
        ))}
      </Stack>
    </div>
  );
}
