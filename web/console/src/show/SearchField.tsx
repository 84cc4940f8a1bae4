import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import classes from "./show.module.css";

interface SearchFieldProps {
  label: string;
  /** What is looked for, as the address says it. */
  value: string | undefined;
  /** Told shortly after the last letter; undefined where nothing is looked for. */
  onSearch: (text: string | undefined) => void;
}

/** Where words are typed that narrow a list. */
export function SearchField({ label, value = "", onSearch }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useDebouncedCallback((text: string) => {
    told.current = text;
    onSearch(text || undefined);
  }, 120);
  // Back and forward change the address; what is typed follows. It leads where typing did that.
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  return (
    <TextInput
      className={classes.search}
      type="search"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
      leftSection={<IconSearch size={16} />}
      placeholder={label}
      aria-label={label}
    />
  );
}
