import type { Schema } from "../api/client";

/**
 * What a customer is called in lists and titles.
 *
 * @returns The name if there is one, else the most telling identifier; null for visitors.
 */
export function called(
  customer: Pick<Schema["Listed"], "name" | "identifier" | "known">,
): string | null {
  if (customer.name) return customer.name;
  return customer.known ? (customer.identifier?.replace(/^[^:]*:/, "") ?? null) : null;
}
