import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Tree } from "./builder/tree";

// Everything that the pages on segments ask. Keys begin with "segments", so that a save can say
// that all of it may have changed.

export type Segment = Schema["Segment"];
export type Vocabulary = Schema["Vocabulary"];
export type RuleFault = Schema["RuleFault"];
export type RulePlace = Schema["RulePlace"];

type AsOf = string | undefined;

export const allSegments = (asOf: AsOf) =>
  queryOptions({
    queryKey: ["segments", "all", asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments", {
          params: { query: { counts: true, trends: true, as_of: asOf } },
          signal,
        }),
      ),
  });

export const oneSegment = (name: string, asOf: AsOf) =>
  queryOptions({
    queryKey: ["segments", "one", name, asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments/{name}", {
          params: { path: { name }, query: { as_of: asOf } },
          signal,
        }),
      ),
  });

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

/** The other face of a rule; what is wrong with it is part of the answer. */
export const parsed = (rule: string | Tree, name: string | undefined) =>
  queryOptions({
    queryKey: ["segments", "parse", rule, name],
    queryFn: ({ signal }) =>
      body(api.POST("/api/v1/segments/parse", { body: { rule, name }, signal })),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });

export const previewed = (rule: Tree, asOf: AsOf) =>
  queryOptions({
    queryKey: ["segments", "preview", rule, asOf],
    queryFn: ({ signal }) =>
      body(
        api.POST("/api/v1/segments/preview", {
          params: { query: { as_of: asOf, counts: true, sample: 8 } },
          body: { rule },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });

export const compared = (name: string, rule: Tree, asOf: AsOf) =>
  queryOptions({
    queryKey: ["segments", "compare", name, rule, asOf],
    queryFn: ({ signal }) =>
      body(
        api.POST("/api/v1/segments/{name}/compare", {
          params: { path: { name }, query: { as_of: asOf, sample: 5, allow_unknown: true } },
          body: { rule },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
