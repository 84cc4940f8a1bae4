import { expect, test } from "vitest";
import type { Order } from "./customer";
import { spendingOf } from "./spending";

const order = (change: Partial<Order>): Order => ({
  brand: "Orchid",
  order_id: "1",
  state: "completed",
  channel: "web",
  payment_method: null,
  currency: "EUR",
  gross: "0.1",
  net: "0.1",
  margin: null,
  ordered_at: "2026-03-05T10:00:00Z",
  lines: [],
  ...change,
});

test("money is added exactly, each currency by itself", () => {
  const orders = [
    order({ gross: "0.1", net: "0.1" }),
    order({ gross: "0.2", net: "-0.05", ordered_at: "2026-03-06T10:00:00Z" }),
    order({ gross: "50", net: "50", currency: "USD" }),
  ];
  expect(spendingOf(orders)).toEqual([
    {
      currency: "EUR",
      orders: 2,
      revenue: "0.3",
      average: "0.15",
      refunded: "0.25",
      first_order_at: "2026-03-05T10:00:00Z",
      last_order_at: "2026-03-06T10:00:00Z",
    },
    expect.objectContaining({ currency: "USD", orders: 1, revenue: "50", refunded: "0" }),
  ]);
});

test("cancelled orders and those without a currency do not count", () => {
  expect(spendingOf([order({ state: "cancelled" }), order({ currency: null })])).toEqual([]);
});
