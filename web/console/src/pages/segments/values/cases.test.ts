import { describe, expect, it } from "vitest";
import type { Tree } from "../builder/tree";
import { type Case, doubled, everyHolder, holders, moved, newCase, nudged } from "./cases";

const a: Tree = { trait: "a", op: "exists" };
const b: Tree = { trait: "b", op: "exists" };
const c: Tree = { all: [a, b] };

function cases(...rules: (Tree | null)[]): Case[] {
  return rules.map((rule, at) => {
    const one = newCase(`v${at}`, "");
    return { ...one, said: { ...one.said, rule } };
  });
}

const names = (list: Case[]) => list.map(({ value }) => value);
const id = (list: Case[], at: number) => list[at]?.id ?? "";

describe("values of a segment", () => {
  it("are had by those for whom no rule before holds", () => {
    const list = cases(a, null, b, c);
    expect(holders(list, 0)).toEqual(a);
    expect(holders(list, 1)).toBeNull();
    expect(holders(list, 3)).toEqual({ all: [c, { not: a }, { not: b }] });
  });

  it("are counted together, each by its path", () => {
    const list = cases(a, null, b);
    const { rule, paths } = everyHolder(list);
    expect(rule).toEqual({ any: [a, { all: [b, { not: a }] }] });
    expect([...paths]).toEqual([
      [id(list, 0), "any[0]"],
      [id(list, 2), "any[1]"],
    ]);
    const one = cases(null, b);
    expect(everyHolder(one)).toEqual({ rule: b, paths: new Map([[id(one, 1), ""]]) });
    expect(everyHolder(cases(null)).rule).toBeNull();
  });

  it("move up and down, and anywhere", () => {
    const list = cases(a, b, c);
    expect(names(nudged(list, id(list, 0), 1))).toEqual(["v1", "v0", "v2"]);
    expect(names(nudged(list, id(list, 2), -1))).toEqual(["v0", "v2", "v1"]);
    expect(nudged(list, id(list, 0), -1)).toBe(list);
    expect(names(moved(list, id(list, 0), 3))).toEqual(["v1", "v2", "v0"]);
    expect(names(moved(list, id(list, 2), 0))).toEqual(["v2", "v0", "v1"]);
  });

  it("tells which are called alike", () => {
    const list = cases(a, b).map((one) => ({ ...one, value: "gold " }));
    expect([...doubled(list)]).toEqual(["gold"]);
    expect(doubled(cases(a, b)).size).toBe(0);
  });
});
