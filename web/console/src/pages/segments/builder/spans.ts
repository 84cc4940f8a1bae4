// Lengths of time as the API writes them: 30d, 12h, 2w, 30min.

export const UNITS = ["min", "h", "d", "w"] as const;
export type Unit = (typeof UNITS)[number];

export interface Span {
  count: number;
  unit: Unit;
}

/** A length such as "90d"; null when it is none of one unit. */
export function readSpan(text: unknown): Span | null {
  const found = typeof text === "string" ? /^(\d+)(min|h|d|w)$/.exec(text) : null;
  return found ? { count: Number(found[1]), unit: found[2] as Unit } : null;
}

export const writeSpan = ({ count, unit }: Span) => `${count}${unit}`;

export const PERIODS = ["day", "week", "month", "quarter", "year"] as const;
export type Period = (typeof PERIODS)[number];

export interface Full {
  count: number;
  unit: Period;
}

/** Whole units of the calendar such as "3 weeks". */
export function readFull(text: unknown): Full | null {
  const found =
    typeof text === "string" ? /^(\d+) (day|week|month|quarter|year)s?$/.exec(text) : null;
  return found ? { count: Number(found[1]), unit: found[2] as Period } : null;
}

export const writeFull = ({ count, unit }: Full) => `${count} ${unit}${count === 1 ? "" : "s"}`;
