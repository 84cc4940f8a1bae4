import { queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";

export type Source = Schema["ListedSource"];
export type SourceKey = Schema["SourceKey"];
export type SourceKind = NonNullable<Schema["NewSource"]["type"]>;

const SECONDS = 1_000;

/** What a place may be that people can connect; `internal` is Patron's own. */
export const KINDS: readonly SourceKind[] = [
  "web",
  "app",
  "store",
  "crm",
  "erp",
  "loyalty",
  "call-centre",
  "ads",
  "email",
  "file",
  "people",
];

export const allSources = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/sources", { signal })),
  refetchInterval: 10 * SECONDS,
});

/** What comes in from a source and from which pages; asked for often, since somebody waits for it. */
export function installOf(name: string) {
  return queryOptions({
    queryKey: ["sources", "install", name],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/sources/{name}/install", { params: { path: { name } }, signal })),
    refetchInterval: 2 * SECONDS,
  });
}

export interface SnippetWishes {
  latest: boolean;
  undecided: "hold" | "drop" | "send";
  data_layer: boolean;
}

/** What a shop puts on its pages. The write key never stands in the address that asks for it. */
export function snippetOf(name: string, wishes: SnippetWishes) {
  return queryOptions({
    queryKey: ["sources", "snippet", name, wishes],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/sources/{name}/snippet", {
          params: { path: { name }, query: { ...wishes, url: window.location.origin } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
