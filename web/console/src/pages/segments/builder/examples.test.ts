// Every example of the page on the language, as trees in a file that the test run brings.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formOf } from "./forms";
import { operator } from "./operators";
import { type Group, isGroup, type Json, type Part, read, type Tree, write } from "./tree";

const file = process.env.PATRON_RULES;
const rules: Tree[] = file ? JSON.parse(readFileSync(file, "utf-8")) : [];

function conditions(part: Part): Tree[] {
  return isGroup(part) ? part.inside.flatMap(conditions) : [part.rule];
}

function operators(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(operators);
  if (typeof value !== "object" || value === null) return [];
  const own = typeof value.op === "string" ? [value.op] : [];
  return [...own, ...Object.values(value).flatMap(operators)];
}

describe.skipIf(file === undefined)("the examples of the language", () => {
  const roots: Group[] = rules.map((rule) => read(rule));

  it("are there", () => expect(rules.length).toBeGreaterThan(100));

  it("come out of the builder as they went in", () => {
    expect(roots.map((root) => write(root).rule)).toEqual(rules);
    expect(roots.flatMap((root) => write(root).incomplete)).toEqual([]);
  });

  it("can be seen and filled in by fields", () => {
    expect(roots.flatMap(conditions).filter((rule) => formOf(rule) === null)).toEqual([]);
  });

  it("have operators that can be chosen", () => {
    const used = new Set(rules.flatMap(operators));
    expect([...used].filter((op) => operator(op) === null)).toEqual([]);
  });
});
