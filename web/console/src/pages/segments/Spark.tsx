const WIDTH = 96;
const HEIGHT = 24;
const EDGE = 2;

/** A line of numbers, small enough for a row of a table. */
export function Spark({ values, label }: { values: number[]; label: string }) {
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
      style={{ verticalAlign: "middle" }}
    >
      <polyline
        points={line(values)}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Points from the lowest value at the bottom to the highest at the top; all equal in the middle. */
export function line(values: readonly number[]): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const step = values.length > 1 ? (WIDTH - 2 * EDGE) / (values.length - 1) : 0;
  return values
    .map((value, at) => {
      const share = range ? (value - low) / range : 0.5;
      return `${EDGE + at * step},${HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)}`;
    })
    .join(" ");
}
