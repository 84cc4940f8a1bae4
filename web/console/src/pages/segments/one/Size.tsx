import { AreaChart, BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { useAmounts } from "../../../show/amounts";
import { useCountAxis } from "../../../show/axis";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import type { Segment } from "../asked";
import { PeriodFields, usePeriod } from "./Period";

/** Size per day with entries and exits, from the record; and what the rule would have given. */
export function Size({ segment }: { segment: Segment }) {
  return (
    <Stack gap="md">
      <Recorded name={segment.name} />
      <LookedBack name={segment.name} />
    </Stack>
  );
}

function Recorded({ name }: { name: string }) {
  const say = useTranslations("segments.size");
  const { number } = useAmounts();
  const counts = useCountAxis();
  const format = useFormatter();
  const period = usePeriod();
  const history = useQuery({
    queryKey: ["segments", "history", name, period],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments/{name}/history", {
          params: { path: { name }, query: period },
          signal,
        }),
      ),
  });
  const day = (text: string) =>
    format.dateTime(new Date(text), { day: "numeric", month: "short", timeZone: "UTC" });
  const days = (history.data?.data ?? []).map((one) => ({
    day: day(one.day),
    size: one.size,
    entered: one.entered,
    left: -one.left,
  }));
  const any = days.some(({ size, entered, left }) => size || entered || left);
  return (
    <Panel title={say("title")} aside={<PeriodFields />}>
      {history.isError && <Refused error={history.error} again={history.refetch} />}
      {history.isPending && <Skeleton height={220} />}
      {history.data && !any && (
        <Text size="sm" c="dimmed">
          {say("nothing")}
        </Text>
      )}
      {any && (
        <Stack gap="sm">
          <AreaChart
            h={220}
            data={days}
            dataKey="day"
            series={[{ name: "size", label: say("size"), color: "indigo.6" }]}
            valueFormatter={number}
            yAxisProps={counts}
            curveType="linear"
            withDots={days.length < 3}
            role="img"
            aria-label={say("title")}
          />
          <BarChart
            h={140}
            data={days}
            dataKey="day"
            type="stacked"
            series={[
              { name: "entered", label: say("entered"), color: "teal.6" },
              { name: "left", label: say("left"), color: "red.6" },
            ]}
            valueFormatter={(value) => number(Math.abs(value))}
            yAxisProps={counts}
            withLegend
            role="img"
            aria-label={say("moves")}
          />
        </Stack>
      )}
    </Panel>
  );
}

const FAR_EAST = 14 * 3_600_000;

function LookedBack({ name }: { name: string }) {
  const say = useTranslations("segments.size");
  const { number } = useAmounts();
  const counts = useCountAxis();
  const format = useFormatter();
  const asOf = useAsOf();
  const found = useQuery({
    queryKey: ["segments", "backtest", name, asOf],
    queryFn: ({ signal }) =>
      body(
        api.POST("/api/v1/segments/backtest", {
          params: { query: { as_of: asOf } },
          body: { name, months: 12 },
          signal,
        }),
      ),
    staleTime: 5 * 60_000,
  });
  const months = (found.data?.data ?? []).map((one) => ({
    // The last moment of a month anywhere lies in that month fourteen hours before in UTC.
    month: format.dateTime(new Date(Date.parse(one.month) - FAR_EAST), {
      month: "short",
      year: "2-digit",
      timeZone: "UTC",
    }),
    members: one.members,
    orders: one.orders,
  }));
  return (
    <Panel title={say("back")}>
      <Text size="sm" c="dimmed" mb="sm">
        {say("backHow")}
      </Text>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={200} />}
      {found.data && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          {(["members", "orders"] as const).map((series) => (
            <BarChart
              key={series}
              h={200}
              data={months}
              dataKey="month"
              series={[
                {
                  name: series,
                  label: say(series),
                  color: series === "members" ? "indigo.6" : "gray.6",
                },
              ]}
              valueFormatter={number}
              yAxisProps={counts}
              withLegend
              role="img"
              aria-label={say(series)}
            />
          ))}
        </SimpleGrid>
      )}
    </Panel>
  );
}
