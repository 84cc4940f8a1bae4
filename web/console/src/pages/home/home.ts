import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";

const SECONDS = 1_000;

/** So often what the workspace holds is asked for again while one looks. */
export const EVERY = 15 * SECONDS;

export function countsOf(asOf: string | undefined) {
  return queryOptions({
    queryKey: ["counts", asOf],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/profiles/count", { params: { query: { as_of: asOf } }, signal })),
    refetchInterval: EVERY,
  });
}

/** What came in during the last hour. It is asked for often: this is the live part of the page. */
export const inflow = queryOptions({
  queryKey: ["inflow"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/status/inflow", { signal })),
  refetchInterval: 3 * SECONDS,
});

export const attention = queryOptions({
  queryKey: ["attention"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/status/attention", { signal })),
  refetchInterval: 30 * SECONDS,
});

const A_DAY = 86_400_000;

/** Which segments moved most in so many days before a moment. */
export function movedIn(days: number, asOf: string | undefined) {
  return queryOptions({
    queryKey: ["moved", days, asOf],
    queryFn: ({ signal }) => {
      const until = asOf ? new Date(asOf).getTime() : Date.now();
      const since = new Date(until - days * A_DAY).toISOString();
      return body(
        api.GET("/api/v1/segments/moved", {
          params: { query: { since, as_of: asOf, limit: 8 } },
          signal,
        }),
      );
    },
    refetchInterval: 30 * SECONDS,
  });
}
