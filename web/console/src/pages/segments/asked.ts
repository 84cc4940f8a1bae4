import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { Tree } from "./builder/tree";

// Everything that the pages on segments ask. Keys begin with "segments", so that a save can say
// that all of it may have changed.

export type Segment = Schema["Segment"];
export type RuleFault = Schema["RuleFault"];
export type RulePlace = Schema["RulePlace"];

type AsOf = string | undefined;

/** Names, rules and what they are for: there at once, however many customers there are. */
export const allSegments = (asOf: AsOf) =>
  queryOptions({
    queryKey: ["segments", "all", asOf],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/segments", { params: { query: { as_of: asOf } }, signal })),
  });

/** The same with sizes and how they moved, which take as long as there is much to count. */
export const countedSegments = (asOf: AsOf) =>
  queryOptions({
    queryKey: ["segments", "all", "counted", asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments", {
          params: { query: { counts: true, trends: true, as_of: asOf } },
          signal,
        }),
      ),
  });

const segmentOf = (name: string, asOf: AsOf, counts: boolean) =>
  queryOptions({
    queryKey: ["segments", "one", name, counts, asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments/{name}", {
          params: { path: { name }, query: { as_of: asOf, counts } },
          signal,
        }),
      ),
  });

/** Only what they are called: cheap, as nobody is counted. */
export const segmentNames = queryOptions({
  queryKey: ["segments", "names"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/segments", { signal })),
});

export const oneSegment = (name: string, asOf: AsOf) => segmentOf(name, asOf, false);
export const countedSegment = (name: string, asOf: AsOf) => segmentOf(name, asOf, true);

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
