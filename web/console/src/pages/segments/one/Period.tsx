import { Group, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTimeZone, useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { onTheWall } from "../../../show/zone";

const DAYS = 30;

/** The days that are looked at: those of the address, else the 30 up to the moment that is shown. */
export function usePeriod(): { from: string; to: string } {
  const { from, to } = useSearch({ from: "/segments/$name" });
  const asOf = useAsOf();
  const zone = useTimeZone() ?? "UTC";
  const last = to ?? onTheWall(asOf ? new Date(asOf) : new Date(), zone).slice(0, 10);
  const first = new Date(Date.parse(last) - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
  return { from: from ?? first, to: last };
}

export function PeriodFields() {
  const say = useTranslations("segments.builder");
  const navigate = useNavigate({ from: "/segments/$name" });
  const period = usePeriod();
  return (
    <Group gap={6}>
      {(["from", "to"] as const).map((side) => (
        <TextInput
          key={side}
          size="xs"
          type="date"
          aria-label={say(side)}
          value={period[side]}
          onChange={(event) => {
            const chosen = event.currentTarget.value || undefined;
            navigate({ search: (before) => ({ ...before, [side]: chosen }), replace: true });
          }}
        />
      ))}
    </Group>
  );
}
