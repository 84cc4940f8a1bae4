import type { FetchQueryOptions, QueryKey } from "@tanstack/react-query";
import { queryClient } from "../api/cache";

/**
 * Asks for what a page begins with while the page itself is still on its way. What is refused is
 * asked for once more by the page, which shows it.
 */
export function ahead<T, E, D, K extends QueryKey>(query: FetchQueryOptions<T, E, D, K>): void {
  void queryClient.prefetchQuery(query);
}

interface Arrival {
  cause: "preload" | "enter" | "stay";
}

/** Whether somebody goes to a page, and does not only point at a link to it. */
export const arriving = ({ cause }: Arrival) => cause === "enter";

/** A page asks anew for another moment. */
export const byMoment = ({ search }: { search: { as_of?: string } }) => ({ as_of: search.as_of });
