import { Group, Loader, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { compared, type Segment } from "../asked";
import { People } from "../People";
import { useBuilding } from "./Building";

/** Who would enter and leave a segment with the rule as it is now. */
export function Changes({ segment }: { segment: Segment }) {
  const say = useTranslations("segments.builder");
  const asOf = useAsOf();
  const { rule, errors } = useBuilding();
  const [asked] = useDebouncedValue(rule, 400);
  const same = JSON.stringify(asked) === JSON.stringify(segment.rule);
  const found = useQuery({
    ...compared(segment.name, asked ?? {}, asOf),
    ...(asked === null || same || errors.length > 0 ? { queryFn: skipToken } : {}),
  });
  return (
    <Panel title={say("changes")}>
      {same || asked === null ? (
        <Text size="sm" c="dimmed">
          {say("noChanges")}
        </Text>
      ) : found.isError ? (
        <Refused error={found.error} again={found.refetch} />
      ) : !found.data ? (
        <Loader size="sm" role="status" aria-label={say("counting")} />
      ) : (
        <Stack gap="xs">
          {(["entering", "leaving", "staying"] as const).map((side) => (
            <Side key={side} side={side} of={found.data[side]} />
          ))}
          {found.data.used_by.length > 0 && (
            <Text size="xs" c="dimmed">
              {say("usedBy", { names: found.data.used_by.join(", ") })}
            </Text>
          )}
        </Stack>
      )}
    </Panel>
  );
}

const COLORS = {
  entering: "var(--mantine-color-teal-light-color)",
  leaving: "var(--mantine-color-red-light-color)",
  staying: "dimmed",
} as const;
const SIGNS = { entering: "+", leaving: "−", staying: "" } as const;

interface SideProps {
  side: keyof typeof COLORS;
  of: { count: number; sample: readonly unknown[] };
}

function Side({ side, of }: SideProps) {
  const say = useTranslations("segments.builder");
  const { number } = useAmounts();
  return (
    <div>
      <Group gap="xs">
        <Text fw={600} c={COLORS[side]} className="figures" data-side={side}>
          {of.count > 0 && SIGNS[side]}
          {number(of.count)}
        </Text>
        <Text size="sm">{say(`sides.${side}`)}</Text>
      </Group>
      {side !== "staying" && of.sample.length > 0 && <People people={of.sample} />}
    </div>
  );
}
