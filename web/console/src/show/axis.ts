import { useFormatter } from "use-intl";

/** The axis of a chart that counts: nobody is half there, and millions fit into its width. */
export function useCountAxis() {
  const format = useFormatter();
  return {
    allowDecimals: false,
    width: 56,
    // What stands below the line went out: so many, not less than none.
    tickFormatter: (count: number) => format.number(Math.abs(count), { notation: "compact" }),
  };
}
