import { Loader, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQueries, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { compared, countedSegment, type Segment } from "../asked";
import { type Case, holders, sameAs } from "./cases";

interface Props {
  segment: Segment;
  cases: Case[];
  size: (id: string) => number | undefined;
}

/** Who would come to have each value and who would lose it, before anything is saved. */
export function ValueChanges({ segment, cases, size }: Props) {
  const say = useTranslations("segments");
  const asOf = useAsOf();
  const [settled] = useDebouncedValue(cases, 400);
  const before = segment.values ?? [];
  const counted = useQuery(countedSegment(segment.name, asOf)).data?.segment.values ?? [];
  const same = sameAs(
    settled,
    before.map((one) => ({ value: one.value, rule: one.written ?? one.text })),
  );
  const kept = settled.filter(({ value }) => before.some((one) => one.value === value));
  const found = useQueries({
    queries: kept.map((one) => {
      const rule = holders(settled, settled.indexOf(one));
      return {
        ...compared(`${segment.name}=${one.value}`, rule ?? {}, asOf),
        ...(rule === null || same ? { queryFn: skipToken } : {}),
      };
    }),
  });
  return (
    <Panel title={say("builder.changes")} flush={!same}>
      {same ? (
        <Text size="sm" c="dimmed">
          {say("builder.noChanges")}
        </Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("values.value")}</Table.Th>
              <Table.Th ta="right">{say("builder.sides.entering")}</Table.Th>
              <Table.Th ta="right">{say("builder.sides.leaving")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {settled.map((one) => {
              const at = kept.indexOf(one);
              const sides = at < 0 ? null : found[at]?.data;
              return (
                <Row
                  key={one.id}
                  value={one.value}
                  entering={at < 0 ? size(one.id) : sides?.entering.count}
                  leaving={at < 0 ? 0 : sides?.leaving.count}
                />
              );
            })}
            {before
              .filter(({ value }) => !settled.some((one) => one.value === value))
              .map((one) => (
                <Row
                  key={one.value}
                  value={one.value}
                  entering={0}
                  leaving={counted.find(({ value }) => value === one.value)?.count ?? undefined}
                />
              ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}

interface RowProps {
  value: string;
  entering: number | undefined;
  leaving: number | undefined;
}

function Row({ value, entering, leaving }: RowProps) {
  const say = useTranslations("segments.builder");
  const { number } = useAmounts();
  const shown = (count: number | undefined, sign: string) =>
    count === undefined ? (
      <Loader size={12} color="gray" role="status" aria-label={say("counting")} />
    ) : (
      `${count > 0 ? sign : ""}${number(count)}`
    );
  return (
    <Table.Tr data-value={value}>
      <Table.Td>{value || "–"}</Table.Td>
      <Table.Td ta="right" c="var(--mantine-color-teal-light-color)" data-side="entering">
        {shown(entering, "+")}
      </Table.Td>
      <Table.Td ta="right" c="var(--mantine-color-red-light-color)" data-side="leaving">
        {shown(leaving, "−")}
      </Table.Td>
    </Table.Tr>
  );
}
