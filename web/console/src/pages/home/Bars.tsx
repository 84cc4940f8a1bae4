import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useFormatter } from "use-intl";
import { useAmounts } from "../../show/amounts";
import { useCountAxis } from "../../show/axis";

interface BarsProps {
  height: number;
  minutes: string[];
  sources: { source: string; stored: number[]; color: string }[];
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
        series={sources.map(({ source, color }) => ({ name: source, color }))}
        valueFormatter={number}
        gridAxis="x"
        tickLine="none"
        yAxisProps={useCountAxis()}
        xAxisProps={{ minTickGap: 40 }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
