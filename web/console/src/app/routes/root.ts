import { createRootRoute, retainSearchParams } from "@tanstack/react-router";
import { Lost } from "../Lost";
import { Shell } from "../Shell";

/** Every page can be asked for as of an earlier moment; the links keep it. */
export const root = createRootRoute({
  component: Shell,
  notFoundComponent: Lost,
  validateSearch: (search: Record<string, unknown>): { as_of?: string } => ({
    as_of: text(search.as_of),
  }),
  search: { middlewares: [retainSearchParams(["as_of"])] },
});

/** A search value that is text; the address bar may hold anything. */
export function text(value: unknown): string | undefined {
  if (typeof value === "string") return value || undefined;
  // The router reads ?search=12 as a number.
  return typeof value === "number" ? String(value) : undefined;
}

/** A search value that is a number from 0 on. */
export function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}
