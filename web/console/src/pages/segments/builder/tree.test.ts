import { describe, expect, it } from "vitest";
import {
  complete,
  condition,
  dissolve,
  enclose,
  group,
  isGroup,
  move,
  nudge,
  read,
  type Tree,
  write,
} from "./tree";

const a: Tree = { trait: "a", op: "exists" };
const b: Tree = { trait: "b", op: "exists" };
const c: Tree = { trait: "c", op: "exists" };

describe("a rule in the builder", () => {
  it.each<Tree>([
    a,
    { not: a },
    { not: { not: a } },
    { all: [a, { not: { any: [b, c] } }] },
    { at_least: 2, of: [a, b, { all: [b, c] }] },
    { on_brands: { count: { event: "X" } }, op: ">=", value: 2 },
    { not: { on_brands: { any: [a, { not: b }] }, op: "=", value: 0, of: ["o", "l"] } },
    { all: [a, { on_brands: { not: b }, op: "<=", value: 1 }] },
  ])("is written as it was read: %j", (rule) => {
    expect(write(read(rule)).rule).toEqual(rule);
  });

  it("knows the path of every part in what is written", () => {
    const root = read({ all: [a, { not: { any: [b, c] } }] });
    const inner = root.inside[1];
    if (!inner || !isGroup(inner)) throw new Error("no group");
    const { paths } = write(root);
    expect(paths.get(root.id)).toBe("");
    expect(paths.get(inner.id)).toBe("all[1]");
    expect(inner.inside.map((one) => paths.get(one.id))).toEqual([
      "all[1].not.any[0]",
      "all[1].not.any[1]",
    ]);
  });

  it("knows the paths inside what is asked of each brand", () => {
    const root = read({ all: [a, { not: { on_brands: { any: [b, c] }, op: ">=", value: 2 } }] });
    const inner = root.inside[1];
    if (!inner || !isGroup(inner)) throw new Error("no group");
    const { paths } = write(root);
    expect(inner.inside.map((one) => paths.get(one.id))).toEqual([
      "all[1].not.on_brands.any[0]",
      "all[1].not.on_brands.any[1]",
    ]);
  });

  it("leaves out what is not complete, and the group that is left with one", () => {
    const open = condition({ trait: "age", op: ">=", value: null });
    const there = condition(a);
    const { rule, paths, incomplete } = write(group([group([open, there], "any"), condition(b)]));
    expect(rule).toEqual({ all: [a, b] });
    expect(incomplete).toEqual([open.id]);
    expect(paths.get(there.id)).toBe("all[0]");
    expect(write(group([open])).rule).toBeNull();
  });

  it("tells what waits to be filled in", () => {
    expect(complete({ trait: "city", op: "=", value: "" })).toBe(true);
    expect(complete({ trait: "", op: "exists" })).toBe(false);
    expect(complete({ trait: "city", op: "in", value: [] })).toBe(false);
    expect(complete({ count: { event: "X", where: { property: "", op: "exists" } } })).toBe(false);
  });
});

describe("moving", () => {
  const rules = (root: ReturnType<typeof read>) => write(root).rule;

  it("goes up and down among neighbours, and stops at the ends", () => {
    const root = read({ all: [a, b, c] });
    const [first, , last] = root.inside.map((one) => one.id);
    expect(rules(nudge(root, first ?? "", 1))).toEqual({ all: [b, a, c] });
    expect(rules(nudge(root, last ?? "", -1))).toEqual({ all: [a, c, b] });
    expect(nudge(root, first ?? "", -1)).toBe(root);
    expect(nudge(root, last ?? "", 1)).toBe(root);
  });

  it("goes into other groups, never into itself", () => {
    const root = read({ all: [a, { any: [b, c] }] });
    const [first, inner] = root.inside;
    if (!first || !inner) throw new Error("no parts");
    expect(rules(move(root, first.id, inner.id, 1))).toEqual({ any: [b, a, c] });
    expect(move(root, inner.id, inner.id, 0)).toBe(root);
  });

  it("encloses a part and dissolves a group", () => {
    const root = read({ all: [a, b] });
    const enclosed = enclose(root, root.inside[0]?.id ?? "");
    const inner = enclosed.inside[0];
    if (!inner || !isGroup(inner)) throw new Error("no group");
    expect(inner.join).toBe("any");
    expect(rules(enclosed)).toEqual({ all: [a, b] });
    const flat = dissolve(read({ all: [a, { any: [b, c] }] }), "none");
    expect(flat.inside).toHaveLength(2);
    const nested = read({ all: [a, { any: [b, c] }] });
    expect(rules(dissolve(nested, nested.inside[1]?.id ?? ""))).toEqual({ all: [a, b, c] });
  });
});
