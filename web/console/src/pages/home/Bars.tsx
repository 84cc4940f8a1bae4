import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useFormatter } from "use-intl";
import { useAmounts } from "../../show/amounts";

const COLOURS = ["indigo.6", "teal.6", "orange.6", "grape.6", "cyan.6", "pink.6", "lime.7"];

interface BarsProps {
  height: number;
  minutes: string[];
  sources: { source: string; stored: number[] }[];
}

/** Messages per minute. The sums stand below in words, so that nobody has to see the picture. */
export function Bars({ height, minutes, sources }: BarsProps) {
  const format = useFormatter();
  const { number } = useAmounts();
  const data = minutes.map((minute, place) => ({
    minute: format.dateTime(new Date(minute), { timeStyle: "short" }),
    ...Object.fromEntries(sources.map((one) => [one.source, one.stored[place] ?? 0])),
  }));
  return (
    <div aria-hidden>
      <BarChart
        h={height}
        data={data}
        dataKey="minute"
        type="stacked"
        series={sources.map(({ source }, place) => ({
          name: source,
          color: COLOURS[place % COLOURS.length] ?? "gray.6",
        }))}
        valueFormatter={number}
        gridAxis="x"
        tickLine="none"
        yAxisProps={{ width: 44, allowDecimals: false }}
        xAxisProps={{ minTickGap: 40 }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
