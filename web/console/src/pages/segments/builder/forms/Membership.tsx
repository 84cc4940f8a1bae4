import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../../api/vocabulary";
import { Choice } from "../fields/Choice";
import { DayField } from "../fields/Value";
import { WindowField } from "../fields/Window";
import type { Tree } from "../tree";
import type { FormProps } from ".";
import { keyOf, put } from "./fits";

export const MEMBERSHIPS = ["in_segment", "in_list", "was_in", "entered", "left"] as const;
type Membership = (typeof MEMBERSHIPS)[number];

/** Who is, was, came into or left a segment; who is in a list. */
export function MembershipForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  const key = keyOf(rule, MEMBERSHIPS) ?? "in_segment";
  const name = String(rule[key] ?? "");
  const segments = data?.segments ?? [];
  const values = segments.find((one) => one.name === name)?.values ?? [];
  return (
    <Group gap={6}>
      <Choice
        label={say("verb")}
        data={MEMBERSHIPS.map((one) => ({ value: one, label: say(`memberships.${one}`) }))}
        value={key}
        onChange={(chosen) => onChange(asked(chosen as Membership, key, name))}
      />
      <Choice
        label={say(key === "in_list" ? "list" : "segment")}
        strong
        searchable
        data={key === "in_list" ? (data?.lists ?? []) : segments.map((one) => one.name)}
        value={name}
        onChange={(chosen) => onChange(put({ ...rule, [key]: chosen }, "value", undefined))}
      />
      {key === "in_segment" && values.length > 0 && (
        <Choice
          label={say("value")}
          data={[{ value: "", label: say("anyValue") }, ...values]}
          value={String(rule.value ?? "")}
          onChange={(value) => onChange(put(rule, "value", value || undefined))}
        />
      )}
      {key === "was_in" && (
        <DayField label={say("day")} value={rule.at} onChange={(at) => onChange({ ...rule, at })} />
      )}
      {(key === "entered" || key === "left") && (
        <WindowField value={rule.in} onChange={(window) => onChange(put(rule, "in", window))} />
      )}
    </Group>
  );
}

function asked(key: Membership, before: Membership, name: string): Tree {
  const kept = (key === "in_list") === (before === "in_list") ? name : "";
  if (key === "was_in") return { was_in: kept, at: null };
  if (key === "entered" || key === "left") return { [key]: kept, in: { last: "7d" } };
  return { [key]: kept };
}
