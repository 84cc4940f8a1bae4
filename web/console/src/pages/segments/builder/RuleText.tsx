import { Button, Group, Stack, Text } from "@mantine/core";
import { useId, useRef } from "react";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { Foreign } from "../../../show/Foreign";
import type { RuleFault } from "../asked";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";

interface Range {
  start: number;
  end: number;
  kind: "error" | "warning" | "marked";
}

/** The rule as text, which can be written in; errors and the part in hand are marked in it. */
export function RuleText() {
  const say = useTranslations("segments.builder");
  const { text, type, errors, warnings, marked, place } = useBuilding();
  const faults = useId();
  const behind = useRef<HTMLPreElement>(null);
  const part = marked === null ? undefined : place(marked);
  const letters = Array.from(text);
  const ranges: Range[] = [
    ...errors.flatMap((one) => rangeOf(one, letters, "error")),
    ...warnings.flatMap((one) => rangeOf(one, letters, "warning")),
    ...(part ? [{ ...part, kind: "marked" as const }] : []),
  ];
  return (
    <Stack gap="xs">
      <div className={classes.ruleText}>
        <pre ref={behind} aria-hidden className={classes.behind}>
          <Marked letters={letters} range={ranges[0]} />
          {"\n"}
        </pre>
        <textarea
          aria-label={say("ruleText")}
          aria-invalid={errors.length > 0}
          aria-describedby={faults}
          className={classes.front}
          spellCheck={false}
          autoCapitalize="off"
          rows={Math.min(Math.max(text.split("\n").length + 1, 4), 18)}
          placeholder={'did "Order Completed" in the last 90 days'}
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
          onScroll={(event) => {
            if (behind.current) behind.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      <Stack gap={4} id={faults} aria-live="polite">
        {errors.map((fault) => (
          <Fault key={`${fault.line}:${fault.message}`} fault={fault} color="red" />
        ))}
        {warnings.map((fault) => (
          <Fault key={`${fault.path}:${fault.message}`} fault={fault} color="orange" />
        ))}
      </Stack>
    </Stack>
  );
}

function Fault({ fault, color }: { fault: RuleFault; color: string }) {
  const say = useTranslations("segments.builder");
  const { text, type } = useBuilding();
  const { told } = useTold();
  return (
    <Group gap={6}>
      <Text size="xs" c={`var(--mantine-color-${color}-light-color)`}>
        {fault.line != null && `${say("line", { line: fault.line, column: fault.column ?? 1 })} `}
        <Foreign said={told(fault)} />
      </Text>
      {fault.suggestions.map((word) => {
        const mended = mend(text, fault, word);
        return (
          mended && (
            <Button
              key={word}
              size="compact-xs"
              h={24}
              variant="default"
              onClick={() => type(mended)}
            >
              {word}
            </Button>
          )
        );
      })}
    </Group>
  );
}

function Marked({ letters, range }: { letters: string[]; range: Range | undefined }) {
  if (!range) return letters.join("");
  return (
    <>
      {letters.slice(0, range.start).join("")}
      <mark data-kind={range.kind}>{letters.slice(range.start, range.end).join("") || " "}</mark>
      {letters.slice(range.end).join("")}
    </>
  );
}

function rangeOf(fault: RuleFault, letters: string[], kind: Range["kind"]): Range[] {
  if (fault.start != null && fault.end != null)
    return [{ start: fault.start, end: fault.end, kind }];
  const start = offset(letters, fault.line, fault.column);
  if (start === null) return [];
  let end = start;
  while (end < letters.length && /[\p{L}\p{N}_"]/u.test(letters[end] ?? "")) end += 1;
  return [{ start, end: Math.max(end, start + 1), kind }];
}

function offset(letters: string[], line: number | null, column: number | null): number | null {
  if (line === null || column === null) return null;
  let at = 0;
  for (let passed = 1; passed < line; passed += 1) at = letters.indexOf("\n", at) + 1;
  return at + column - 1;
}

/** The text with a suggestion in the place of the word that is wrong; null where none is found. */
export function mend(text: string, fault: RuleFault, suggestion: string): string | null {
  const letters = Array.from(text);
  const { name, value, found } = fault.told?.values ?? {};
  const wrong = name ?? value ?? found;
  const from = fault.start ?? offset(letters, fault.line, fault.column);
  if (from === null || from === undefined) return null;
  const before = letters.slice(0, from).join("");
  const rest = letters.slice(from).join("");
  const word =
    typeof wrong === "string" && rest.includes(wrong) ? wrong : /^[\p{L}\p{N}_]+/u.exec(rest)?.[0];
  return word ? before + rest.replace(word, () => suggestion) : null;
}
