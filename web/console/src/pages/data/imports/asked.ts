import { queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";
import type { Body } from "./mapping";

// Everything that the pages on imports ask.

export type Import = Schema["Import"];
export type OneImport = Schema["ImportWithRefusals"];
export type Suggested = Schema["SuggestedMapping"];
export type Tried = Schema["TriedMapping"];
export type NamedMapping = Schema["NamedMapping"];

const SOON = 700;
const SELDOM = 10_000;

/** Imports since the server was started; asked often while one runs. */
export const allImports = queryOptions({
  queryKey: ["imports", "all"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/imports", { signal })),
  refetchInterval: ({ state }) =>
    state.data?.data.some((one) => one.state === "running") ? SOON : SELDOM,
});

export const oneImport = (id: string) =>
  queryOptions({
    queryKey: ["imports", "one", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? SOON : false),
  });

export const allMappings = queryOptions({
  queryKey: ["mappings"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/mappings", { signal })),
});

export const allPulls = queryOptions({
  queryKey: ["pulls"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/imports/pulls", { signal })),
  refetchInterval: SELDOM,
});

export const allSources = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/sources", { signal })),
});

export const suggested = (upload: string) =>
  queryOptions({
    queryKey: ["mappings", "suggest", upload],
    queryFn: ({ signal }) =>
      body(api.POST("/api/v1/mappings/suggest", { body: { upload }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const tried = (mapping: Body, upload: string, name: string) =>
  queryOptions({
    queryKey: ["mappings", "try", mapping, upload, name],
    queryFn: ({ signal }) =>
      body(api.POST("/api/v1/mappings/try", { body: { mapping, upload, name }, signal })),
    gcTime: 60_000,
    retry: false,
  });

/** What a definition file says, as the body of a mapping. */
export const readText = (definitions: string) =>
  body(api.POST("/api/v1/mappings/read", { body: { definitions } }));

/** The types of identifiers that the rules of identity know. */
export const identifierTypes = queryOptions({
  queryKey: ["identity", "types"],
  queryFn: async ({ signal }) => {
    const held = await body(api.GET("/api/v1/identity/rules", { signal }));
    return ((held.rules.types ?? []) as { name: string }[]).map(({ name }) => name);
  },
  staleTime: 5 * 60_000,
});
