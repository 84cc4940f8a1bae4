import type { Order, Spending } from "./customer";

const MILLIONTHS = 1_000_000n;

/**
 * What orders came to, by currency. Money is added in millionths, never as floating point.
 *
 * @example spendingOf([{ currency: "EUR", net: "0.1", … }, { currency: "EUR", net: "0.2", … }])
 */
export function spendingOf(orders: Order[]): Spending[] {
  const counted = orders.filter((order) => order.state !== "cancelled" && order.currency !== null);
  const currencies = [...new Set(counted.map((order) => order.currency ?? ""))].sort();
  return currencies.map((currency) => {
    const some = counted.filter((order) => order.currency === currency);
    const sum = some.reduce((total, order) => total + millionths(order.gross), 0n);
    const times = some.map((order) => order.ordered_at).sort();
    return {
      currency,
      orders: some.length,
      revenue: text(sum),
      average: text(sum / BigInt(some.length)),
      refunded: text(sum - some.reduce((total, order) => total + millionths(order.net), 0n)),
      first_order_at: times[0] ?? "",
      last_order_at: times.at(-1) ?? "",
    };
  });
}

function millionths(amount: string): bigint {
  const [, sign = "", whole = "0", part = ""] = /^(-?)(\d*)\.?(\d*)$/.exec(amount) ?? [];
  const value = BigInt(whole || "0") * MILLIONTHS + BigInt(part.slice(0, 6).padEnd(6, "0"));
  return sign ? -value : value;
}

function text(value: bigint): string {
  const size = value < 0n ? -value : value;
  const part = (size % MILLIONTHS).toString().padStart(6, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / MILLIONTHS}${part && `.${part}`}`;
}
