import { Select } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";

/** Letters that come within so many milliseconds are of one word. */
const ONE_WORD = 800;

type Option = string | { value: string; label: string };

interface ChoiceProps {
  /** What it chooses, for those who do not see where it stands. */
  label: string;
  data: readonly Option[];
  value: string | null;
  onChange: (value: string) => void;
  searchable?: boolean;
  placeholder?: string;
  /** The subject of the condition, which stands out. */
  strong?: boolean;
}

/** One of several, as wide as what is chosen. */
export function Choice({ label, data, value, onChange, strong, ...rest }: ChoiceProps) {
  const shown = labelOf(data, value) ?? rest.placeholder ?? "";
  // What the rule says stands there, also when it is not known.
  const known = value === null || labelOf(data, value) !== null;
  const typed = useRef({ letters: "", at: 0 });
  // Whoever opens the list by keys goes on from what is chosen: for that it has to be there by then.
  const [focused, setFocused] = useState(false);
  /** As lists of browsers do it: the first that begins with what is typed is chosen. */
  const choose = (event: KeyboardEvent) => {
    if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const before = event.timeStamp - typed.current.at < ONE_WORD ? typed.current.letters : "";
    if (before === "" && event.key === " ") return;
    event.preventDefault();
    typed.current = { letters: (before + event.key).toLowerCase(), at: event.timeStamp };
    const found = data.find((one) => nameOf(one).toLowerCase().startsWith(typed.current.letters));
    if (found !== undefined) onChange(typeof found === "string" ? found : found.value);
  };
  return (
    <Select
      size="xs"
      aria-label={label}
      data={known ? [...data] : [value, ...data]}
      value={value}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
      allowDeselect={false}
      checkIconPosition="right"
      comboboxProps={{ width: "max-content", position: "bottom-start", keepMounted: focused }}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      maxDropdownHeight={320}
      limit={200}
      w={width(shown)}
      styles={strong ? { input: { fontWeight: 600 } } : undefined}
      onKeyDown={rest.searchable ? undefined : choose}
      {...rest}
    />
  );
}

/** As wide as a text, within reason. */
export const width = (text: string) =>
  `calc(${Math.min(Math.max(text.length, 3), 34)}ch + 2.75rem)`;

const nameOf = (one: Option) => (typeof one === "string" ? one : one.label);

function labelOf(data: readonly Option[], value: string | null): string | null {
  for (const one of data) {
    if (typeof one === "string" ? one === value : one.value === value) return nameOf(one);
  }
  return null;
}
