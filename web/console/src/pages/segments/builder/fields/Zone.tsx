import { Autocomplete } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Json } from "../tree";
import { width } from "./Choice";

const ZONES = Intl.supportedValuesOf("timeZone");

interface Props {
  value: Json | undefined;
  /** Nothing is said for the workspace's own. */
  onChange: (zone: string | undefined) => void;
}

/** By the calendar of which time zone. */
export function ZoneField({ value, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const zone = typeof value === "string" ? value : "";
  return (
    <Autocomplete
      size="xs"
      aria-label={say("zone")}
      placeholder={say("zone")}
      data={ZONES}
      limit={40}
      w={width(zone || say("zone"))}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      value={zone}
      onChange={(typed) => onChange(typed || undefined)}
    />
  );
}
