import { Autocomplete, NumberInput, Select, TagsInput, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { realValues, type Source } from "../../../../api/vocabulary";
import { useAmounts } from "../../../../show/amounts";
import { isNumeric } from "../operators";
import type { Json } from "../tree";
import { width } from "./Choice";

interface Props {
  label: string;
  value: Json | undefined;
  onChange: (value: Json) => void;
  kind: string;
  /** Where real values come from; none are offered without. */
  source?: Source;
}

/** One value, with those that really occur. */
export function ValueField(props: Props) {
  const { label, value, onChange, kind } = props;
  const say = useTranslations("segments.builder");
  if (kind === "truth" || typeof value === "boolean")
    return (
      <Select
        size="xs"
        w={110}
        aria-label={label}
        allowDeselect={false}
        data={[
          { value: "true", label: say("yes") },
          { value: "false", label: say("no") },
        ]}
        value={typeof value === "boolean" ? String(value) : null}
        onChange={(chosen) => onChange(chosen === "true")}
      />
    );
  if (isNumeric(kind) || typeof value === "number")
    return <NumberField label={label} value={value} onChange={onChange} />;
  return <TextField {...props} />;
}

/** A number; null while it is empty. */
export function NumberField({
  label,
  value,
  onChange,
  min,
}: Pick<Props, "label" | "value" | "onChange"> & { min?: number }) {
  return (
    <NumberInput
      size="xs"
      aria-label={label}
      w={`calc(${Math.max(String(value ?? "").length, 5)}ch + 2rem)`}
      hideControls
      min={min}
      decimalScale={6}
      value={typeof value === "number" ? value : ""}
      onChange={(typed) => onChange(typeof typed === "number" ? typed : null)}
      error={value === null || value === undefined}
    />
  );
}

/** A day; null while it is empty. A moment that was written stays one. */
export function DayField({ label, value, onChange }: Pick<Props, "label" | "value" | "onChange">) {
  const text = typeof value === "string" ? value : "";
  const moment = text.length > 10;
  return (
    <TextInput
      size="xs"
      type={moment ? "text" : "date"}
      aria-label={label}
      w={moment ? 210 : 140}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      error={text === ""}
    />
  );
}

function TextField({ label, value, onChange, source }: Props) {
  const text = typeof value === "string" ? value : "";
  const found = useReal(source, text);
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      w={width(text || "          ")}
      data={[...new Set(found.names)]}
      filter={({ options }) => options}
      renderOption={({ option }) => <Real name={option.value} count={found.counts[option.value]} />}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      maxDropdownHeight={320}
      value={text}
      onFocus={found.open}
      onChange={(typed) => onChange(found.real[typed] ?? (typed === "" ? null : typed))}
      error={value === null || value === undefined}
    />
  );
}

/** Several values. */
export function ManyField({ label, value, onChange, kind, source }: Props) {
  const say = useTranslations("segments.builder");
  const chosen = Array.isArray(value) ? value : [];
  const [typed, setTyped] = useState("");
  const found = useReal(source, typed);
  const back = (text: string): Json => {
    const kept = chosen.find((one) => String(one) === text);
    if (kept !== undefined) return kept;
    const number = Number(text);
    return found.real[text] ?? (isNumeric(kind) && Number.isFinite(number) ? number : text);
  };
  return (
    <TagsInput
      size="xs"
      aria-label={label}
      miw={180}
      maw={420}
      placeholder={chosen.length === 0 ? say("severalHow") : undefined}
      data={found.names.filter((name) => !chosen.some((one) => String(one) === name))}
      filter={({ options }) => options}
      renderOption={({ option }) => <Real name={option.value} count={found.counts[option.value]} />}
      maxDropdownHeight={320}
      searchValue={typed}
      onSearchChange={setTyped}
      acceptValueOnBlur
      value={chosen.map(String)}
      onFocus={found.open}
      onChange={(texts) => onChange(texts.map(back))}
      error={chosen.length === 0}
    />
  );
}

function Real({ name, count }: { name: string; count?: number | null }) {
  const { number } = useAmounts();
  return (
    <>
      <Text size="sm" flex={1} truncate maw={360}>
        {name}
      </Text>
      {count != null && (
        <Text size="xs" c="dimmed" className="figures">
          {number(count)}
        </Text>
      )}
    </>
  );
}

/** Values that really occur, asked for once the field is entered. */
function useReal(source: Source | undefined, typed: string) {
  const [opened, setOpened] = useState(false);
  const [starting] = useDebouncedValue(typed, 150);
  const { data } = useQuery({
    ...realValues(source ?? { of: "trait", name: "" }, starting),
    ...(source && opened && source.name !== "" ? {} : { queryFn: skipToken }),
  });
  const values = data?.data ?? [];
  return {
    open: () => setOpened(true),
    names: values.map(({ value }) => String(value)),
    counts: Object.fromEntries(values.map(({ value, count }) => [String(value), count])),
    real: Object.fromEntries(values.map(({ value }) => [String(value), value])) as Record<
      string,
      Json
    >,
  };
}
