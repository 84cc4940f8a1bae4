import { Group, NumberInput, TagsInput, TextInput } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Calculation } from "../fields/Calculation";
import { Choice } from "../fields/Choice";
import { Comparison } from "../fields/Comparison";
import { Filter, of } from "../fields/Filter";
import { MeasureFields } from "../fields/Measure";
import { EventField, NameField, useProperties } from "../fields/Names";
import { SpanField, Whole } from "../fields/Span";
import { WindowField } from "../fields/Window";
import { isNumeric, OF_MEASURES } from "../operators";
import type { Tree } from "../tree";
import type { FormProps } from ".";
import { isTree, put } from "./fits";
import { Brands, Currency } from "./Scope";

const STAGES = ["cart", "checkout", "shipping", "payment"] as const;

/** A cart that was left. */
export function CartForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  return (
    <Group gap={6}>
      <span>{say("cartLeft")}</span>
      <SpanField
        label={say("length")}
        value={rule.for}
        onChange={(span) => onChange({ ...rule, for: span })}
      />
      <Choice
        label={say("stage")}
        data={[
          { value: "", label: say("anyStage") },
          ...STAGES.map((one) => ({ value: one, label: say(`stages.${one}`) })),
        ]}
        value={String(rule.stage ?? "")}
        onChange={(stage) => onChange(put(rule, "stage", stage || undefined))}
      />
      <WindowField value={rule.in} onChange={(window) => onChange(put(rule, "in", window))} />
      <Brands rule={rule} onChange={onChange} />
    </Group>
  );
}

/** A random share of everybody. */
export function ShareForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  return (
    <Group gap={6}>
      <span>{say("randomShare")}</span>
      <Percent value={rule.share} onChange={(share) => onChange({ ...rule, share })} />
      <TextInput
        size="xs"
        w={150}
        aria-label={say("seed")}
        placeholder={say("seed")}
        value={String(rule.seed ?? "")}
        onChange={(event) => onChange(put(rule, "seed", event.currentTarget.value || undefined))}
      />
    </Group>
  );
}

/** The first by any number. */
export function TopForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const key = "top" in rule ? "top" : "top_percent";
  const by = isTree(rule.by) ? rule.by : { count: {} };
  const { top: _top, top_percent: _percent, ...rest } = rule;
  return (
    <Group gap={6}>
      <Choice
        label={say("verb")}
        data={[
          { value: "top", label: say("topNumber") },
          { value: "top_percent", label: say("topPercent") },
        ]}
        value={key}
        onChange={(chosen) => onChange({ [chosen]: chosen === "top" ? 100 : 10, ...rest })}
      />
      {key === "top" ? (
        <Whole
          label={say("value")}
          value={Number(rule.top)}
          onChange={(top) => onChange({ ...rule, top })}
        />
      ) : (
        <Percent
          value={rule.top_percent}
          onChange={(percent) => onChange({ ...rule, top_percent: percent })}
        />
      )}
      <span>{say("by")}</span>
      <MeasureFields value={by} onChange={(next) => onChange({ ...rule, by: next })} />
      <Refreshed rule={rule} onChange={onChange} />
    </Group>
  );
}

/** Scores by recency, frequency and value. */
export function RfmForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const amounts = isTree(rule.rfm) ? rule.rfm : {};
  const properties = useProperties(of(amounts));
  const change = (next: Tree) => onChange({ ...rule, rfm: next });
  return (
    <Group gap={6}>
      <span>{say("rfmOf")}</span>
      <NameField
        label={say("property")}
        placeholder={say("property")}
        names={properties.filter((one) => isNumeric(one.kind)).map((one) => one.name)}
        value={String(amounts.property ?? "")}
        onChange={(property) => change({ ...amounts, property })}
      />
      <span>{say("of")}</span>
      <EventField rule={amounts} onChange={change} />
      <WindowField value={amounts.in} onChange={(window) => change(put(amounts, "in", window))} />
      <Currency rule={amounts} onChange={change} />
      <Brands rule={amounts} onChange={change} />
      <Filter
        of={of(amounts)}
        value={amounts.where}
        onChange={(where) => change(put(amounts, "where", where))}
      />
      <span>{say("isOneOf")}</span>
      <TagsInput
        size="xs"
        aria-label={say("scores")}
        placeholder="5**"
        miw={140}
        value={Array.isArray(rule.in) ? rule.in.map(String) : []}
        onChange={(cells) => onChange({ ...rule, in: cells })}
        acceptValueOnBlur
      />
      <Refreshed rule={rule} onChange={onChange} />
    </Group>
  );
}

/** A number that is calculated, compared. */
export function CalculateForm({ rule, onChange }: FormProps) {
  return (
    <>
      <Calculation
        value={isTree(rule.calculate) ? rule.calculate : { number: 1 }}
        onChange={(calculate) => onChange({ ...rule, calculate })}
      />
      <Group gap={6}>
        <Comparison rule={rule} onChange={onChange} kind="number" operators={OF_MEASURES} />
      </Group>
    </>
  );
}

function Refreshed({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  return (
    <Choice
      label={say("refreshedHow")}
      data={(["hour", "day", "week", "month"] as const).map((one) => ({
        value: one,
        label: say(`refreshed.${one}`),
      }))}
      value={String(rule.refreshed ?? "day")}
      onChange={(chosen) => onChange(put(rule, "refreshed", chosen === "day" ? undefined : chosen))}
    />
  );
}

function Percent({ value, onChange }: { value: unknown; onChange: (value: number) => void }) {
  const say = useTranslations("segments.builder");
  return (
    <NumberInput
      size="xs"
      w={84}
      aria-label={say("percent")}
      hideControls
      suffix=" %"
      min={0.0001}
      max={100}
      value={Number(value)}
      onChange={(typed) => typeof typed === "number" && typed > 0 && onChange(typed)}
    />
  );
}
