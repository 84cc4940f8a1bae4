// A rule as the builder holds it: groups and conditions with ids of their own, so that what is
// typed in stays where it is while others are added, moved and removed.

export type Json = null | boolean | number | string | Json[] | Tree;
export interface Tree {
  [key: string]: Json;
}

export type Join = "all" | "any" | "at_least";

export interface Group {
  id: string;
  /** Everybody else is meant. */
  not: boolean;
  join: Join;
  /** Of "at least so many of". */
  least: number;
  inside: Part[];
  /** For how many brands it holds, when it is asked of each brand alone. */
  brands?: Brands;
}

export interface Brands {
  op: string;
  value: number;
  /** Only these are counted; all of them where none is named. */
  of: string[];
}

export interface Condition {
  id: string;
  not: boolean;
  rule: Tree;
}

export type Part = Group | Condition;

export const isGroup = (part: Part): part is Group => "inside" in part;

let made = 0;
const fresh = () => `p${++made}`;

export function condition(rule: Tree): Condition {
  return { id: fresh(), not: false, rule };
}

export function group(inside: Part[], join: Join = "all"): Group {
  return { id: fresh(), not: false, join, least: 1, inside };
}

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The group at the top; a rule of one condition is a group of it. */
export function read(rule: Tree | null): Group {
  if (rule === null) return group([]);
  const part = readPart(rule);
  return isGroup(part) && !part.not && !part.brands ? part : group([part]);
}

export function readPart(rule: Tree): Part {
  const inner = rule.not;
  // What is negated twice stays as it is written.
  if (isTree(inner) && !isTree(inner.not)) return { ...readPart(inner), not: true };
  const each = rule.on_brands;
  if (isTree(each)) {
    const part = readPart(each);
    const brands = {
      op: String(rule.op),
      value: Number(rule.value),
      of: Array.isArray(rule.of) ? rule.of.map(String) : [],
    };
    return { ...(isGroup(part) && !part.not && !part.brands ? part : group([part])), brands };
  }
  for (const join of ["all", "any", "of"] as const) {
    const inside = rule[join];
    const counted = typeof rule.at_least === "number";
    if (!Array.isArray(inside) || (join === "of") !== counted) continue;
    const parts = inside.filter(isTree).map(readPart);
    if (join !== "of") return group(parts, join);
    return { ...group(parts, "at_least"), least: Number(rule.at_least) };
  }
  return condition(rule);
}

/** A rule as the API takes it, with the path in it of every part that is there. */
export interface Written {
  /** Null while no condition is complete. */
  rule: Tree | null;
  paths: Map<string, string>;
  /** Conditions that still lack something, and are not in the rule. */
  incomplete: string[];
}

export function write(root: Group): Written {
  const written: Written = { rule: null, paths: new Map(), incomplete: [] };
  written.rule = writePart(root, "", written);
  return written;
}

function writePart(part: Part, path: string, written: Written): Tree | null {
  const inner = part.not ? join(path, "not") : path;
  const rule = isGroup(part) ? writeScoped(part, inner, written) : writeCondition(part, written);
  if (rule === null) return null;
  written.paths.set(part.id, path);
  return part.not ? { not: rule } : rule;
}

function writeCondition({ id, rule }: Condition, written: Written): Tree | null {
  if (complete(rule)) return rule;
  written.incomplete.push(id);
  return null;
}

function writeScoped(part: Group, path: string, written: Written): Tree | null {
  const { brands } = part;
  if (!brands) return writeGroup(part, path, written);
  const rule = writeGroup(part, join(path, "on_brands"), written);
  if (rule === null) return null;
  const { op, value, of } = brands;
  return { on_brands: rule, op, value, ...(of.length > 0 ? { of } : {}) };
}

function writeGroup(part: Group, path: string, written: Written): Tree | null {
  const there = part.inside.filter((one) => holds(one));
  const alone = part.join !== "at_least" && there.length === 1;
  const key = part.join === "at_least" ? "of" : part.join;
  const inside: Tree[] = [];
  for (const one of part.inside) {
    const place = alone ? path : join(path, `${key}[${inside.length}]`);
    const rule = writePart(one, place, written);
    if (rule) inside.push(rule);
  }
  if (inside.length === 0) return null;
  if (alone) return inside[0] ?? null;
  if (part.join === "at_least") return { at_least: part.least, of: inside };
  return { [part.join]: inside };
}

/** Whether anything of it is written. */
const holds = (part: Part): boolean =>
  isGroup(part) ? part.inside.some(holds) : complete(part.rule);

const join = (path: string, step: string) => (path ? `${path}.${step}` : step);

const NAMES = [
  "trait",
  "group",
  "property",
  "event",
  "in_segment",
  "in_list",
  "changed",
  "affinity",
];

/** Whether nothing in it waits to be filled in: no null, no empty list, no empty name. */
export function complete(value: Json, key = ""): boolean {
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0 && value.every((one) => complete(one));
  if (typeof value !== "object") return !(value === "" && NAMES.includes(key));
  return Object.entries(value).every(([name, one]) => complete(one, name));
}

/** The same tree with one part put in the place of another; removed when there is none. */
export function replace(root: Group, id: string, by: (part: Part) => Part | null): Group {
  if (root.id === id) {
    const part = by(root);
    return part && isGroup(part) ? part : root;
  }
  const inside = root.inside.flatMap((one) => {
    if (one.id === id) return by(one) ?? [];
    return isGroup(one) ? replace(one, id, by) : one;
  });
  return { ...root, inside };
}

export const without = (root: Group, id: string) => replace(root, id, () => null);

export function find(root: Group, id: string): Part | null {
  if (root.id === id) return root;
  for (const one of root.inside) {
    const found = isGroup(one) ? find(one, id) : one.id === id ? one : null;
    if (found) return found;
  }
  return null;
}

export function parentOf(root: Group, id: string): Group | null {
  if (root.inside.some((one) => one.id === id)) return root;
  for (const one of root.inside) {
    const found = isGroup(one) ? parentOf(one, id) : null;
    if (found) return found;
  }
  return null;
}

/** Put a part into a group, before what stands at that number there. */
export function insert(root: Group, into: string, at: number, part: Part): Group {
  return replace(root, into, (found) =>
    isGroup(found) ? { ...found, inside: found.inside.toSpliced(at, 0, part) } : found,
  );
}

/** Move a part into a group. Nothing changes when the group lies within the part. */
export function move(root: Group, id: string, into: string, at: number): Group {
  const part = find(root, id);
  const from = parentOf(root, id);
  if (!part || !from || (isGroup(part) && find(part, into))) return root;
  const before = from.inside.findIndex((one) => one.id === id);
  const shifted = from.id === into && before < at ? at - 1 : at;
  return insert(without(root, id), into, shifted, part);
}

/** One place up or down among its neighbours. */
export function nudge(root: Group, id: string, by: -1 | 1): Group {
  const parent = parentOf(root, id);
  if (!parent) return root;
  const at = parent.inside.findIndex((one) => one.id === id) + by;
  if (at < 0 || at >= parent.inside.length) return root;
  return move(root, id, parent.id, by === 1 ? at + 1 : at);
}

/** A part becomes a group of its own; of the other kind than that around it. */
export function enclose(root: Group, id: string): Group {
  const around = parentOf(root, id);
  return replace(root, id, (part) => group([part], around?.join === "any" ? "all" : "any"));
}

/** What is in a group takes its place. */
export function dissolve(root: Group, id: string): Group {
  const found = find(root, id);
  const parent = parentOf(root, id);
  if (!found || !isGroup(found) || !parent) return root;
  const at = parent.inside.findIndex((one) => one.id === id);
  return found.inside.reduceRight<Group>(
    (now, one) => insert(now, parent.id, at, one),
    without(root, id),
  );
}

/** A copy with ids of its own. */
export function copied(part: Part): Part {
  const id = fresh();
  return isGroup(part) ? { ...part, id, inside: part.inside.map(copied) } : { ...part, id };
}
