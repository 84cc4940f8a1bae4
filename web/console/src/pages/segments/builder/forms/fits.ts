import type { Json, Tree } from "../tree";

export const isTree = (value: Json | undefined): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a tree holds nothing but these keys, so that a form shows all that it says. */
export const only = (tree: Json | undefined, keys: readonly string[]): tree is Tree =>
  isTree(tree) && Object.keys(tree).every((key) => keys.includes(key));

export const EVENTS = [
  "event",
  "orders",
  "where",
  "in",
  "on_brand",
  "currency",
  "convert",
] as const;

/** Whether a form for events shows all that is said of them. */
export const areEvents = (tree: Json | undefined, more: readonly string[] = []): tree is Tree =>
  only(tree, [...EVENTS, ...more]) && plainWindow(tree.in) && plainWhere(tree.where);

/** A window of which all is shown. */
export function plainWindow(window: Json | undefined): boolean {
  if (window === undefined) return true;
  if (!isTree(window)) return false;
  const since = window.since_event;
  if (since === undefined) return true;
  return only(since, ["event", "where"]) && plainWhere(since.where);
}

/** Comparisons of properties, one in another. */
export function plainWhere(where: Json | undefined): boolean {
  if (where === undefined) return true;
  if (!isTree(where)) return false;
  if ("property" in where) return only(where, ["property", "op", "value"]);
  const inside = where.all ?? where.any;
  if (Array.isArray(inside)) return inside.every(plainWhere);
  const wrapped = where.any_line ?? where.event ?? where.not;
  return wrapped !== undefined && plainWhere(wrapped);
}

/** The same tree with a key, or without it when there is nothing to say. */
export function put(tree: Tree, key: string, value: Json | undefined): Tree {
  const { [key]: _before, ...rest } = tree;
  return value === undefined ? rest : { ...tree, [key]: value };
}

export const MEASURES = ["count", "sum", "average", "min", "max", "distinct"] as const;
export type Measure = (typeof MEASURES)[number];

export const PICKS = ["first", "last", "most_frequent"] as const;
export type Pick = (typeof PICKS)[number];

/** Which of some keys a rule has. */
export const keyOf = <K extends string>(rule: Tree, keys: readonly K[]): K | undefined =>
  keys.find((key) => key in rule);

/** Whether the fields of a measure show all of it. */
export function isMeasure(tree: Json | undefined, picks = false): tree is Tree {
  const key = isTree(tree) ? keyOf(tree, picks ? [...MEASURES, ...PICKS] : MEASURES) : undefined;
  if (!key || !only(tree, [key])) return false;
  return areEvents(tree[key], beside(key));
}

/** What a measure says beside which events they are. Returns are only counted. */
export const beside = (measure: string) =>
  measure === "count" ? ["lines", "returns"] : ["lines", "property"];
