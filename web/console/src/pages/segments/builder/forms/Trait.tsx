import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../../api/vocabulary";
import { Choice } from "../fields/Choice";
import { begun, Comparison } from "../fields/Comparison";
import { NameField } from "../fields/Names";
import { SpanField } from "../fields/Span";
import { ValueField } from "../fields/Value";
import { WindowField } from "../fields/Window";
import { operatorsOf } from "../operators";
import type { FormProps } from ".";
import { put } from "./fits";
import { Brands } from "./Scope";

/** What is known of a customer, or of a group that they belong to. */
export function TraitForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const key = "group" in rule ? "group" : "trait";
  const known = useTraits(key);
  const name = String(rule[key] ?? "");
  const kind = known.find((one) => one.name === name)?.kind ?? "any";
  const choose = (chosen: string) => {
    const next = known.find((one) => one.name === chosen)?.kind ?? "any";
    const possible = operatorsOf(next, key === "trait");
    // A name that is being typed is not known yet, and changes nothing else.
    if (next === "any" || (possible.includes(String(rule.op)) && next === kind))
      onChange({ ...rule, [key]: chosen });
    else onChange(begun({ [key]: chosen }, possible[0] ?? "=", next));
  };
  return (
    <Group gap={6}>
      {key === "group" && <span>{say("theirGroup")}</span>}
      <NameField
        label={say("trait")}
        names={known.map((one) => one.name)}
        value={name}
        onChange={choose}
      />
      <Comparison
        rule={rule}
        onChange={onChange}
        kind={kind}
        aboutNow={key === "trait"}
        source={key === "trait" ? { of: "trait", name } : undefined}
      />
      {key === "trait" && (
        <Choice
          label={say("since")}
          data={[
            { value: "now", label: say("holdsNow") },
            { value: "for", label: say("forAtLeast") },
          ]}
          value={rule.for === undefined ? "now" : "for"}
          onChange={(chosen) => onChange(put(rule, "for", chosen === "for" ? "30d" : undefined))}
        />
      )}
      {rule.for !== undefined && (
        <SpanField
          label={say("length")}
          value={rule.for}
          onChange={(span) => onChange({ ...rule, for: span })}
        />
      )}
      <Brands rule={rule} onChange={onChange} />
    </Group>
  );
}

/** Whether a trait took another value. */
export function ChangedForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const known = useTraits("trait");
  const name = String(rule.changed ?? "");
  const kind = known.find((one) => one.name === name)?.kind ?? "any";
  const source = { of: "trait" as const, name };
  return (
    <Group gap={6}>
      <NameField
        label={say("trait")}
        names={known.map((one) => one.name)}
        value={name}
        onChange={(changed) => onChange({ ...rule, changed })}
      />
      <span>{say("changed")}</span>
      {(["from", "to"] as const).map((side) => (
        <Group key={side} gap={6}>
          <Choice
            label={say(side)}
            data={[
              { value: "any", label: say(`changedSides.${side}Any`) },
              { value: "one", label: say(`changedSides.${side}`) },
            ]}
            value={rule[side] === undefined ? "any" : "one"}
            onChange={(chosen) => onChange(put(rule, side, chosen === "any" ? undefined : null))}
          />
          {rule[side] !== undefined && (
            <ValueField
              label={say(side)}
              kind={kind}
              source={source}
              value={rule[side]}
              onChange={(value) => onChange({ ...rule, [side]: value })}
            />
          )}
        </Group>
      ))}
      <WindowField value={rule.in} onChange={(window) => onChange(put(rule, "in", window))} />
      <Brands rule={rule} onChange={onChange} />
    </Group>
  );
}

function useTraits(of: "trait" | "group") {
  const { data } = useQuery(vocabulary);
  return (of === "trait" ? data?.traits : data?.group_traits) ?? [];
}
