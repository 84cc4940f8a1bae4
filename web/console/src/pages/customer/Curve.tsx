import "@mantine/charts/styles.css";
import { AreaChart } from "@mantine/charts";
import { VisuallyHidden } from "@mantine/core";
import { useFormatter, useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";

interface CurveProps {
  name: string;
  points: { at: string; value: string }[];
}

/** A score over time. What the picture shows is said in words too. */
export function Curve({ name, points }: CurveProps) {
  const say = useTranslations("customer");
  const format = useFormatter();
  const { decimal } = useAmounts();
  const data = points.map((point) => ({
    at: format.dateTime(new Date(point.at), { day: "numeric", month: "short" }),
    [name]: Number(point.value),
  }));
  const first = points[0];
  const last = points.at(-1);
  return (
    <figure style={{ margin: 0 }}>
      <div aria-hidden>
        <AreaChart
          h={110}
          data={data}
          dataKey="at"
          series={[{ name, color: "indigo.6" }]}
          curveType="monotone"
          withDots={false}
          gridAxis="none"
          withYAxis={false}
          valueFormatter={decimal}
          areaChartProps={{ accessibilityLayer: false }}
        />
      </div>
      {first && last && (
        <VisuallyHidden component="figcaption">
          {say("curve", { name, first: decimal(first.value), last: decimal(last.value) })}
        </VisuallyHidden>
      )}
    </figure>
  );
}
