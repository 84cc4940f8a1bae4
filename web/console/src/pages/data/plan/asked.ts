import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import type { NamedPlan, PlanBody } from "./plan";

// Everything that the page on tracking plans asks. Keys begin with "plans".

export const DAYS = 30;

export const allPlans = queryOptions({
  queryKey: ["plans", "all"],
  queryFn: async ({ signal }) => {
    const found = await body(api.GET("/api/v1/tracking-plans", { signal }));
    return found.data as NamedPlan[];
  },
});

export const report = queryOptions({
  queryKey: ["plans", "report"],
  queryFn: ({ signal }) =>
    body(api.GET("/api/v1/tracking-plans/report", { params: { query: { days: DAYS } }, signal })),
  refetchInterval: 15_000,
});

export const inferred = (source: string | undefined) =>
  queryOptions({
    queryKey: ["plans", "inferred", source],
    queryFn: async ({ signal }) => {
      const found = await body(
        api.GET("/api/v1/tracking-plans/inferred", { params: { query: { source } }, signal }),
      );
      return found.body as PlanBody;
    },
    staleTime: 30_000,
  });

export const usage = (asOf: string | undefined) =>
  queryOptions({
    queryKey: ["usage", asOf],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/usage", { params: { query: { days: 90, as_of: asOf } }, signal })),
    staleTime: 60_000,
  });

/** Saves a plan; the page then shows what holds. */
export function useSaving() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, body: said }: NamedPlan) =>
      body(
        api.PUT("/api/v1/tracking-plans/{name}", {
          params: { path: { name } },
          body: said as Record<string, unknown>,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["plans"] }),
  });
}
