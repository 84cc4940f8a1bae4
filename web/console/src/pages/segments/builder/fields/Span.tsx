import { NumberInput } from "@mantine/core";
import { useTranslations } from "use-intl";
import {
  PERIODS,
  type Period,
  readFull,
  readSpan,
  UNITS,
  type Unit,
  writeFull,
  writeSpan,
} from "../spans";
import type { Json } from "../tree";
import { Choice } from "./Choice";

interface Props {
  label: string;
  value: Json | undefined;
  onChange: (value: Json) => void;
}

/** A length of time: 30 days. */
export function SpanField({ label, value, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const span = readSpan(value) ?? { count: 30, unit: "d" as Unit };
  return (
    <>
      <Whole
        label={label}
        value={span.count}
        onChange={(count) => onChange(writeSpan({ ...span, count }))}
      />
      <Choice
        label={say("unit")}
        data={UNITS.map((unit) => ({
          value: unit,
          label: say(`units.${unit}`, { count: span.count }),
        }))}
        value={span.unit}
        onChange={(unit) => onChange(writeSpan({ ...span, unit: unit as Unit }))}
      />
    </>
  );
}

/** Whole units of the calendar: 3 months. */
export function FullField({ label, value, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const full = readFull(value) ?? { count: 1, unit: "month" as Period };
  return (
    <>
      <Whole
        label={label}
        value={full.count}
        onChange={(count) => onChange(writeFull({ ...full, count }))}
      />
      <Choice
        label={say("unit")}
        data={PERIODS.map((unit) => ({
          value: unit,
          label: say(`periods.${unit}`, { count: full.count }),
        }))}
        value={full.unit}
        onChange={(unit) => onChange(writeFull({ ...full, unit: unit as Period }))}
      />
    </>
  );
}

interface WholeProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  min?: number;
}

/** A whole number; it keeps the last one while the field is empty. */
export function Whole({ label, value, onChange, min = 1 }: WholeProps) {
  return (
    <NumberInput
      size="xs"
      w={`calc(${Math.max(String(value).length, 3)}ch + 1.75rem)`}
      aria-label={label}
      hideControls
      allowDecimal={false}
      min={min}
      clampBehavior="blur"
      value={value}
      onChange={(typed) => typeof typed === "number" && typed >= min && onChange(typed)}
    />
  );
}
