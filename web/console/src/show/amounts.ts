import { useFormatter } from "use-intl";

/** Writes numbers and money as the language of the page does. */
export function useAmounts() {
  const format = useFormatter();
  return {
    number: (value: number | string) => format.number(Number(value)),
    decimal: (value: number | string) => format.number(Number(value), { maximumFractionDigits: 2 }),
    share: (value: number | string) =>
      format.number(Number(value), { style: "percent", maximumFractionDigits: 1 }),
    /** A dash where it is not known: nothing is not 0. */
    money: (value: number | string | null, currency: string | null) => {
      if (value === null) return "–";
      return currency
        ? format.number(Number(value), { style: "currency", currency })
        : format.number(Number(value), { maximumFractionDigits: 2 });
    },
    signed: (value: number) => format.number(value, { signDisplay: "exceptZero" }),
  };
}
