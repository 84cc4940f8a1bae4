import { queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";

export type Person = Schema["PersonShown"];
export type Token = Schema["TokenShown"];
export type Role = Person["role"];

export const roles = queryOptions({
  queryKey: ["roles"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/roles", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const everybody = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/people", { signal })),
});

export const allTokens = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/tokens", { signal })),
});

export const theWorkspace = queryOptions({
  queryKey: ["workspace"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/workspace", { signal })),
});
