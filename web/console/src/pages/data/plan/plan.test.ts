import { describe, expect, test } from "vitest";
import { accepting, type Fault, isSettled, opening, type PlanBody, planAbout, short } from "./plan";

const PLAN: PlanBody = {
  sources: ["web"],
  events: {
    "Order Completed": {
      properties: {
        total: { type: "number", min: 0, required: true },
        products: { type: "list", properties: { sku: { type: "text", required: true } } },
      },
    },
  },
  traits: { email: "text" },
};

function fault(kind: Fault["fault"], field: string, event = "Order Completed"): Fault {
  return {
    source: "web",
    event,
    field,
    fault: kind,
    told: "",
    messages: 1,
    refused: 0,
    first_seen: "",
    last_seen: "",
    example: "",
  };
}

describe("a plan that takes what came", () => {
  const cases: [Fault, unknown][] = [
    [fault("unknown_event", "event", "Store Visited"), { "Store Visited": { open: true } }],
    [fault("unknown_property", "properties.coupon"), "any"],
    [fault("unknown_property", "properties.products[].colour"), "any"],
    [fault("unknown_trait", "traits.plan", ""), "any"],
    [fault("missing", "properties.total"), "any"],
    [fault("wrong_type", "properties.products[].sku"), "any"],
    [fault("wrong_value", "properties.total"), "any"],
  ];
  test.each(cases)("settles %o", (one) => {
    expect(isSettled(PLAN, one)).toBe(false);
    const mended = accepting(PLAN, one, null);
    expect(isSettled(mended, one)).toBe(true);
    // Nothing else is another than before.
    for (const [other] of cases)
      if (other.field !== one.field) expect(isSettled(mended, other)).toBe(false);
  });

  test("takes the types from what came in", () => {
    const seen: PlanBody = {
      events: { "Order Completed": { properties: { coupon: { type: "text", required: true } } } },
    };
    const mended = accepting(PLAN, fault("unknown_property", "properties.coupon"), seen);
    expect(mended.events?.["Order Completed"]?.properties?.coupon).toBe("text");
    expect(mended.events?.["Order Completed"]?.properties?.total).toEqual({
      type: "number",
      min: 0,
      required: true,
    });
  });

  test("opens the place where something unknown came", () => {
    const inner = fault("unknown_property", "properties.products[].colour");
    const mended = opening(PLAN, inner);
    expect(mended && isSettled(mended, inner)).toBe(true);
    expect(mended && isSettled(mended, fault("unknown_property", "properties.coupon"))).toBe(false);
    expect(opening(PLAN, fault("missing", "properties.total"))).toBeNull();
  });
});

test("a plan without sources is about those that no other names", () => {
  const rest = { name: "rest", body: {} };
  const plans = [rest, { name: "web", body: PLAN }];
  expect(planAbout(plans, "web")?.name).toBe("web");
  expect(planAbout(plans, "till")?.name).toBe("rest");
  expect(planAbout(plans.slice(1), "till")).toBeUndefined();
});

test("an expectation is as short as it can be", () => {
  expect(short({ type: "text", required: false })).toBe("text");
  expect(short({ type: "text", required: true })).toEqual({ type: "text", required: true });
});
