import { describe, expect, test } from "vitest";
import { addUse, dropUse, expressions, makes, making, plainName, usesOf } from "./mapping";

const ORDERS = {
  source: "shop",
  file: "*",
  group_by: ["No"],
  message: {
    event: "Order Completed",
    message_id: "order-{No}",
    timestamp: { column: "Date", format: "%d.%m.%Y" },
    identifiers: { email: ["E-mail", "Second e-mail"], user_id: "Customer" },
    properties: { order_id: "No", currency: { value: "EUR" } },
    lines: { product_id: "Article" },
  },
};

describe("a mapping as a form", () => {
  test("says what each column is", () => {
    expect(usesOf(ORDERS, "Date")).toEqual([{ as: "time", name: "" }]);
    expect(usesOf(ORDERS, "Second e-mail")).toEqual([{ as: "identifier", name: "email" }]);
    expect(usesOf(ORDERS, "Article")).toEqual([{ as: "line", name: "product_id" }]);
    expect(usesOf(ORDERS, "Colour")).toEqual([]);
    expect(usesOf({ message: { event: "{Kind}" } }, "Kind")).toEqual([{ as: "event", name: "" }]);
  });

  test("takes a use away and puts it elsewhere, and leaves all else as it was", () => {
    const without = dropUse(ORDERS, "E-mail", { as: "identifier", name: "email" }, "2026-01-01");
    expect(usesOf(without, "Second e-mail")).toEqual([{ as: "identifier", name: "email" }]);
    const moved = addUse(without, "E-mail", { as: "property", name: "e_mail" }, null);
    expect(moved.message).toEqual({
      ...ORDERS.message,
      identifiers: { email: "Second e-mail", user_id: "Customer" },
      properties: { ...ORDERS.message.properties, e_mail: "E-mail" },
    });
    const back = addUse(moved, "E-mail", { as: "identifier", name: "email" }, null);
    expect(usesOf(back, "E-mail").map(({ as }) => as)).toEqual(["identifier", "property"]);
  });

  test("keeps how a time is written, and needs some time in any case", () => {
    const use = { as: "time", name: "" } as const;
    const without = dropUse(ORDERS, "Date", use, "2026-01-01");
    expect(without.message).toMatchObject({ timestamp: { value: "2026-01-01" } });
    const other = addUse(without, "Paid", use, "%d/%m/%Y");
    expect(other.message).toMatchObject({ timestamp: { column: "Paid", format: "%d/%m/%Y" } });
    expect(addUse(without, "Paid", use, "iso").message).toMatchObject({ timestamp: "Paid" });
  });

  test("becomes what is known of customers, and events again", () => {
    const traits = making(ORDERS, "identify");
    expect(makes(traits)).toBe("identify");
    expect(usesOf(traits, "Article")).toEqual([{ as: "trait", name: "product_id" }]);
    expect(traits).not.toHaveProperty("group_by");
    expect(usesOf(making(traits, "track"), "No")).toEqual([{ as: "property", name: "order_id" }]);
    expect(making(ORDERS, "track")).toBe(ORDERS);
  });

  test("shows what no form has a field for", () => {
    expect(expressions(ORDERS)).toEqual([
      { as: "property", name: "currency", value: { value: "EUR" } },
    ]);
  });

  test("gives names that can be written in rules", () => {
    expect(plainName("E-mail (privat)")).toBe("e_mail_privat");
    expect(plainName("№")).toBe("value");
  });
});
