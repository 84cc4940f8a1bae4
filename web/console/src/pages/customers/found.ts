import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { CustomersSearch } from "../../app/routes/customers";

export type Listed = Schema["Listed"];

export interface Wanted {
  search?: string;
  inside?: boolean;
  segment?: string;
  known?: boolean;
  as_of?: string;
  cursor?: string;
  limit?: number;
}

/** A page of customers. */
export function found(wanted: Wanted) {
  return queryOptions({
    queryKey: ["customers", wanted],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/profiles", { params: { query: wanted }, signal })),
  });
}

const AT_ONCE = 50;

/** So long must a search be before it is looked for within words, too. */
const SHORTEST_INSIDE = 3;

interface Customers {
  rows: Listed[] | undefined;
  error: Error | null;
  /** Whether more may be found by a second, slower look. */
  looking: boolean;
  /** Shows the next page; undefined where there is none. */
  more: (() => unknown) | undefined;
  again: () => unknown;
}

/** The pages of a list, from its beginning. */
export function pagesOf({ kind, ...search }: CustomersSearch & { as_of?: string }) {
  const wanted = wantedOf({ kind, ...search });
  return infiniteQueryOptions({
    queryKey: ["customers", "pages", wanted],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/profiles", {
          params: { query: { ...wanted, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

function wantedOf({ kind, ...search }: CustomersSearch & { as_of?: string }) {
  return { ...search, known: kind && kind === "known", limit: AT_ONCE };
}

/**
 * Customers, page by page. Of a search, those whose words begin so come at once; where that is
 * less than a page, those follow who have it within a word.
 */
export function useCustomers(search: CustomersSearch & { as_of?: string }): Customers {
  const pages = useInfiniteQuery({ ...pagesOf(search), placeholderData: keepPreviousData });
  const rows = pages.data?.pages.flatMap((page) => page.data);
  const second =
    (search.search ?? "").length >= SHORTEST_INSIDE &&
    pages.isSuccess &&
    !pages.isPlaceholderData &&
    !pages.hasNextPage;
  const inside = useQuery({ ...found({ ...wantedOf(search), inside: true }), enabled: second });
  const seen = new Set(rows?.map((one) => one.profile_id));
  const others = second ? (inside.data?.data ?? []).filter((one) => !seen.has(one.profile_id)) : [];
  return {
    rows: rows && [...rows, ...others],
    error: pages.error ?? inside.error,
    looking: second && inside.isFetching,
    more: pages.hasNextPage ? pages.fetchNextPage : undefined,
    again: pages.refetch,
  };
}
