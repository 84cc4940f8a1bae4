import { Badge, Group, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import type { Segment } from "../asked";
import { PeriodFields, usePeriod } from "./Period";

type Sales = Schema["Sales"];
type Money = Schema["CurrencySales"];

const RATES = ["buyer_rate", "repeat_rate"] as const;
const NUMBERS = ["members", "buyers", "orders"] as const;
const MONEY = ["revenue", "average_order_value", "revenue_per_member", "refunded"] as const;

/** What the members bought, beside everybody and the period before. */
export function Performance({ segment }: { segment: Segment }) {
  const say = useTranslations("segments");
  const { number, decimal, share, money } = useAmounts();
  const format = useFormatter();
  const period = usePeriod();
  const asOf = useAsOf();
  const { name } = segment;
  const found = useQuery({
    queryKey: ["segments", "performance", name, period, asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments/{name}/performance", {
          params: { path: { name }, query: { ...period, as_of: asOf } },
          signal,
        }),
      ),
  });
  const measured = found.data?.measured;
  const currencies = measured
    ? [...new Set(measured.everybody.by_currency.map(({ currency }) => currency))]
    : [];
  const dates = (side: { from: string; to: string }) =>
    format.dateTimeRange(new Date(side.from), new Date(Date.parse(side.to) - 1), {
      dateStyle: "medium",
    });
  return (
    <Panel title={say("views.performance")} aside={<PeriodFields />} flush>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={300} m="md" />}
      {found.data && measured && (
        <>
          {found.data.goal && <Goal goal={found.data.goal} />}
          <Table.ScrollContainer minWidth={620} scrollAreaProps={FOCUSABLE}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{say("performance.measure")}</Table.Th>
                  <Table.Th ta="right">{name}</Table.Th>
                  <Table.Th ta="right">{say("performance.before")}</Table.Th>
                  <Table.Th ta="right">{say("performance.everybody")}</Table.Th>
                  <Table.Th ta="right">{say("performance.everybodyBefore")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {NUMBERS.map((key) => (
                  <Row
                    key={key}
                    label={say(`measures.${key}`)}
                    of={measured}
                    read={(one) => one[key]}
                    write={number}
                  />
                ))}
                {RATES.map((key) => (
                  <Row
                    key={key}
                    label={say(`measures.${key}`)}
                    of={measured}
                    read={(one) => one[key]}
                    write={share}
                  />
                ))}
                <Row
                  label={say("measures.orders_per_member")}
                  of={measured}
                  read={(one) => one.orders_per_member}
                  write={decimal}
                />
                {currencies.flatMap((currency) =>
                  MONEY.map((key) => (
                    <Row
                      key={`${currency}:${key}`}
                      label={say(`measures.${key}`)}
                      of={measured}
                      read={(one) => amount(one, currency)?.[key] ?? null}
                      write={(value) => money(value, currency)}
                    />
                  )),
                )}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Text size="xs" c="dimmed" p="sm">
            {say("performance.periods", {
              period: dates(found.data.period),
              before: dates(found.data.before),
            })}
          </Text>
        </>
      )}
    </Panel>
  );
}

const amount = (sales: Sales, currency: string | null): Money | undefined =>
  sales.by_currency.find((one) => one.currency === currency);

interface RowProps {
  label: string;
  of: Schema["Measured"];
  read: (sales: Sales) => number | string | null | undefined;
  write: (value: number | string) => string;
}

function Row({ label, of, read, write }: RowProps) {
  const format = useFormatter();
  const shown = (sales: Sales) => {
    const value = read(sales);
    return value == null ? "–" : write(value);
  };
  const [now, before] = [read(of.segment), read(of.segment_before)];
  const change =
    now != null && before != null && Number(before) !== 0
      ? (Number(now) - Number(before)) / Number(before)
      : null;
  return (
    <Table.Tr>
      <Table.Th fw={500}>{label}</Table.Th>
      <Table.Td ta="right" fw={600}>
        {change !== null && Math.abs(change) >= 0.0005 && (
          <Text
            span
            size="xs"
            mr={6}
            c={`var(--mantine-color-${change > 0 ? "teal" : "red"}-light-color)`}
          >
            {format.number(change, {
              style: "percent",
              maximumFractionDigits: 1,
              signDisplay: "exceptZero",
            })}
          </Text>
        )}
        {shown(of.segment)}
      </Table.Td>
      <Table.Td ta="right">{shown(of.segment_before)}</Table.Td>
      <Table.Td ta="right">{shown(of.everybody)}</Table.Td>
      <Table.Td ta="right">{shown(of.everybody_before)}</Table.Td>
    </Table.Tr>
  );
}

function Goal({ goal }: { goal: Schema["GoalReached"] }) {
  const say = useTranslations("segments");
  const { decimal, money } = useAmounts();
  const write = (value: string) => (goal.currency ? money(value, goal.currency) : decimal(value));
  return (
    <Group p="sm" gap="xs">
      <Badge color={goal.reached ? "teal" : "orange"}>
        {say(goal.reached ? "performance.reached" : "performance.notReached")}
      </Badge>
      <Text size="sm">
        {say("performance.goal", {
          measure: say(`measures.${goal.measure as "orders"}`),
          target: write(goal.target),
          actual: goal.actual === null ? "–" : write(goal.actual),
        })}
      </Text>
    </Group>
  );
}
