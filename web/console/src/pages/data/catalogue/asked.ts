import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";

// Everything that the page on the catalogue asks. Keys begin with "catalogue".

export type EntityKind = Schema["EntityKindState"];
export type Entity = Schema["Entity"];
export type Whole = Schema["Whole"];

export const kinds = queryOptions({
  queryKey: ["catalogue", "kinds"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/entities", { signal })),
});

export interface Wanted {
  kind: string;
  search?: string;
  brand?: string;
}

const AT_ONCE = 50;

/** Pages of the entities of a kind, for `useInfiniteQuery`. */
export const pagesOf = ({ kind, search, brand }: Wanted) => ({
  queryKey: ["catalogue", "page", kind, search, brand],
  queryFn: ({ signal, pageParam }: { signal: AbortSignal; pageParam: string | undefined }) =>
    body(
      api.GET("/api/v1/entities/{kind}", {
        params: { path: { kind }, query: { search, brand, cursor: pageParam, limit: AT_ONCE } },
        signal,
      }),
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: Schema["EntityPage"]) => page.next ?? undefined,
  placeholderData: keepPreviousData,
});

export const oneEntity = (kind: string, id: string, brand: string | undefined, asOf?: string) =>
  queryOptions({
    queryKey: ["catalogue", "one", kind, id, brand, asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/entities/{kind}/{id}", {
          params: { path: { kind, id }, query: { brand, as_of: asOf } },
          signal,
        }),
      ),
  });
