// Values of a segment, in order: each customer has the first one whose rule holds.

import type { Tree } from "../builder/tree";

export interface Case {
  id: string;
  value: string;
  /** The rule that it begins with, as text. */
  begins: string;
  said: Said;
}

/** What its rule says by now. */
export interface Said {
  text: string;
  /** To be saved; null while it is not whole. */
  leading: string | Tree | null;
  /** To be counted. */
  rule: Tree | null;
  warned: boolean;
}

let made = 0;

export const newCase = (value: string, text: string): Case => ({
  id: `v${++made}`,
  value,
  begins: text,
  said: { text, leading: text || null, rule: null, warned: false },
});

/** Values with their rules as text. */
export const written = (cases: readonly Case[]): { value: string; rule: string }[] =>
  cases.map(({ value, said }) => ({ value, rule: said.text }));

/** Whether they say what some others do, in the same order. */
export const sameAs = (
  cases: readonly Case[],
  others: readonly { value: string; rule: string }[],
): boolean =>
  cases.length === others.length &&
  cases.every(
    ({ value, said }, at) =>
      value === others[at]?.value && said.text.trim() === others[at]?.rule.trim(),
  );

/** Who has a value: whom its rule holds for, and none of those before it; null without a rule. */
export function holders(cases: readonly Case[], at: number): Tree | null {
  const rule = cases[at]?.said.rule;
  if (!rule) return null;
  const before = cases.slice(0, at).flatMap(({ said }) => (said.rule ? [{ not: said.rule }] : []));
  return before.length === 0 ? rule : { all: [rule, ...before] };
}

/** All who have any value, with the path of each value's holders in the rule. */
export function everyHolder(cases: readonly Case[]): {
  rule: Tree | null;
  paths: Map<string, string>;
} {
  const paths = new Map<string, string>();
  const rules = cases.flatMap((one, at) => {
    const rule = holders(cases, at);
    if (rule) paths.set(one.id, `any[${paths.size}]`);
    return rule ? [rule] : [];
  });
  const [first] = rules;
  if (rules.length > 1 || first === undefined)
    return { rule: first === undefined ? null : { any: rules }, paths };
  for (const id of paths.keys()) paths.set(id, "");
  return { rule: first, paths };
}

/** The one of that id, before what stands at a place. */
export function moved(cases: Case[], id: string, at: number): Case[] {
  const from = cases.findIndex((one) => one.id === id);
  const one = cases[from];
  if (!one) return cases;
  return cases.toSpliced(from, 1).toSpliced(from < at ? at - 1 : at, 0, one);
}

/** One place up or down; nothing changes at the ends. */
export function nudged(cases: Case[], id: string, by: -1 | 1): Case[] {
  const at = cases.findIndex((one) => one.id === id) + by;
  if (at < 0 || at >= cases.length) return cases;
  return moved(cases, id, by === 1 ? at + 1 : at);
}

/** The values that another one is called like. */
export const doubled = (cases: readonly Case[]): Set<string> =>
  new Set(
    cases
      .map(({ value }) => value.trim())
      .filter((value, at, all) => value !== "" && all.indexOf(value) !== at),
  );
