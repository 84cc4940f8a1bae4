import { Group, NumberInput, TagsInput, TextInput } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Choice } from "../fields/Choice";
import { EventField, NameField, useProperties } from "../fields/Names";
import { SpanField, Whole } from "../fields/Span";
import { WindowField } from "../fields/Window";
import { isNumeric } from "../operators";
import type { Tree } from "../tree";
import type { FormProps } from ".";
import { of } from "./Events";
import { isTree, keyOf, MEASURES, type Measure, put } from "./fits";
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
  const by = isTree(rule.by) ? rule.by : {};
  const measure = keyOf(by, MEASURES) ?? "count";
  const events = isTree(by[measure]) ? by[measure] : {};
  const properties = useProperties(of(events));
  const change = (next: Tree) => onChange({ ...rule, by: { [measure]: next } });
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
      <Choice
        label={say("measure")}
        data={MEASURES.map((one) => ({ value: one, label: say(`verbs.${one}`) }))}
        value={measure}
        onChange={(chosen) => {
          const { property = "", ...plain } = events;
          const next = chosen === "count" ? plain : { property, ...plain };
          onChange({ ...rule, by: { [chosen as Measure]: next } });
        }}
      />
      {measure !== "count" && (
        <NameField
          label={say("property")}
          placeholder={say("property")}
          names={properties.filter((one) => isNumeric(one.kind)).map((one) => one.name)}
          value={String(events.property ?? "")}
          onChange={(property) => change({ ...events, property })}
        />
      )}
      <span>{say("of")}</span>
      <EventField rule={events} onChange={change} orders />
      <WindowField value={events.in} onChange={(window) => change(put(events, "in", window))} />
      <Currency rule={events} onChange={change} />
      <Brands rule={events} onChange={change} />
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
      <Currency rule={amounts} onChange={change} />
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
