import { expect, test } from "vitest";
import { blocking, faultOf, read, releasing, textOf } from "./text";

const RULES = {
  types: [
    { name: "user_id", unique: true, fields: ["userId"] },
    { name: "email", normal_form: "email", blocked: ["shop@example.com"] },
  ],
  blocked: ["null"],
};

test("rules are written as text and read again", () => {
  expect(read(textOf(RULES))).toEqual({ rules: RULES, faults: [] });
});

test("a definition file is taken without its kind and name", () => {
  const text = "kind: identity\nname: rules\ntypes:\n- {name: email}\n";
  expect(read(text).rules).toEqual({ types: [{ name: "email" }] });
});

test("what is no YAML is told with its line", () => {
  const { rules, faults } = read("types:\n- name: email\n  unique: [true\n");
  expect(rules).toBeUndefined();
  expect(faults[0]?.line).toBeGreaterThanOrEqual(3);
  expect(read("just words").rules).toBeUndefined();
});

test("a refusal is told with the line of its field", () => {
  const text = textOf(RULES);
  const refused = (field: string) => faultOf({ message: "identity rules: no", field }, text);
  expect(refused("types[1].normal_form")).toEqual({ line: 7, message: "no" });
  // Of a field that is not written the nearest that it is in.
  expect(refused("types[1].consent").line).toBe(6);
  expect(refused("types.name").line).toBe(2);
  expect(refused("nowhere").line).toBeUndefined();
});

test("values are blocked and released", () => {
  const more = blocking(RULES, "email@alpha", "till@example.com");
  expect(more.types).toEqual([
    RULES.types[0],
    { ...RULES.types[1], blocked: ["shop@example.com", "till@example.com"] },
  ]);
  expect(releasing(more, "email", "till@example.com")).toEqual(RULES);
  expect(releasing(blocking(RULES, undefined, "x"), undefined, "x")).toEqual(RULES);
});
