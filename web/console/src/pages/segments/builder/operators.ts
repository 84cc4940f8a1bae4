// Operators with what stands behind each, and which make sense of which kind of value.

import type { Json } from "./tree";

/** What stands behind an operator. */
export type Shape =
  | "nothing"
  | "one"
  | "number"
  | "two"
  | "many"
  | "words"
  | "day"
  | "span"
  | "anniversary"
  | "circle"
  | "box";

export interface Operator {
  op: string;
  /** Its name in the messages. */
  name: OperatorName;
  shape: Shape;
}

/** By what the API calls it. */
const OPERATORS = {
  "=": ["eq", "one"],
  "!=": ["ne", "one"],
  "<": ["lt", "number"],
  "<=": ["le", "number"],
  ">": ["gt", "number"],
  ">=": ["ge", "number"],
  between: ["between", "two"],
  in: ["in", "many"],
  "not in": ["notIn", "many"],
  contains: ["contains", "words"],
  "does not contain": ["containsNot", "words"],
  "starts with": ["starts", "words"],
  "ends with": ["ends", "words"],
  matches: ["matches", "words"],
  "does not match": ["matchesNot", "words"],
  exists: ["exists", "nothing"],
  missing: ["missing", "nothing"],
  "any of": ["anyOf", "many"],
  "all of": ["allOf", "many"],
  "none of": ["noneOf", "many"],
  before: ["before", "day"],
  after: ["after", "day"],
  "within last": ["withinLast", "span"],
  "within next": ["withinNext", "span"],
  anniversary: ["anniversary", "anniversary"],
  "within radius": ["radius", "circle"],
  "in box": ["box", "box"],
} as const satisfies Record<string, readonly [string, Shape]>;

export type OperatorName = (typeof OPERATORS)[keyof typeof OPERATORS][0];

export function operator(op: string): Operator | null {
  if (!(op in OPERATORS)) return null;
  const [name, shape] = OPERATORS[op as keyof typeof OPERATORS];
  return { op, name, shape };
}

const TEXT = [
  "=", "!=", "in", "not in", "contains", "does not contain", "starts with", "ends with",
  "matches", "does not match", "exists", "missing",
]; // biome-ignore format: a list to read
const NUMBER = ["=", "!=", ">", ">=", "<", "<=", "between", "in", "not in", "exists", "missing"];
const DATE = ["before", "after", "between", "exists", "missing"];
const ABOUT_NOW = ["within last", "within next", "anniversary"];
const BY_KIND: Record<string, string[]> = {
  text: TEXT,
  number: NUMBER,
  whole: NUMBER,
  truth: ["=", "!=", "exists", "missing"],
  date: DATE,
  list: ["any of", "all of", "none of", "exists", "missing"],
  place: ["within radius", "in box", "exists", "missing"],
  object: ["exists", "missing"],
};

/** How numbers that were measured are compared. */
export const OF_MEASURES = [">=", ">", "<=", "<", "=", "!=", "between"];

/** The operators on a kind of value; all of them on one that is not known. */
export function operatorsOf(kind: string, aboutNow: boolean): string[] {
  if (kind === "date" && aboutNow) return [...ABOUT_NOW, ...DATE];
  const known = BY_KIND[kind];
  if (known) return known;
  const all = Object.keys(OPERATORS);
  return aboutNow ? all : all.filter((op) => !ABOUT_NOW.includes(op));
}

export const isNumeric = (kind: string) => kind === "number" || kind === "whole";

/** What a value begins as behind an operator; null is for the person to fill in. */
export function beginning(op: string, kind: string): Json | undefined {
  switch (operator(op)?.shape) {
    case "nothing":
      return undefined;
    case "many":
      return [];
    case "two":
      return [null, null];
    case "span":
      return "30d";
    case "anniversary":
      return "today";
    case "circle":
      return { lat: null, lon: null, km: 10 };
    case "box":
      return { south: null, west: null, north: null, east: null };
    default:
      return kind === "truth" ? true : null;
  }
}

/** The value behind another operator, where it still fits there. */
export function carried(value: Json | undefined, from: string, to: string, kind: string) {
  const [before, after] = [operator(from)?.shape, operator(to)?.shape];
  if (before === after) return value;
  const scalar = (shape: Shape | undefined) =>
    shape === "one" || shape === "words" || shape === "number";
  if (scalar(before) && scalar(after) && (after !== "words" || typeof value === "string"))
    return after === "number" && typeof value !== "number" ? null : value;
  if (scalar(before) && after === "many" && value !== null && value !== undefined) return [value];
  if (before === "many" && scalar(after) && Array.isArray(value)) return value[0] ?? null;
  return beginning(to, kind);
}
