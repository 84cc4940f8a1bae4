// What rules and filters can name, and real values for it.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";

export const vocabulary = queryOptions({
  queryKey: ["vocabulary"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/vocabulary", { signal })),
  staleTime: 5 * 60_000,
});

/** What a value is of: of a trait, or of a property of events or of the lines in orders. */
export interface Source {
  of: "trait" | "event-property" | "line-property";
  name: string;
  event?: string;
}

export const realValues = (source: Source, starting: string) =>
  queryOptions({
    queryKey: ["vocabulary", "values", source, starting],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/vocabulary/values", {
          params: { query: { ...source, starting, limit: 20 } },
          signal,
        }),
      ),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
