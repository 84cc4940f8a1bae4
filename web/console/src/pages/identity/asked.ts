import { notifications } from "@mantine/notifications";
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, body, type Schema } from "../../api/client";
import type { ReviewState } from "../../app/routes/identity";
import { inBrief, useTold } from "../../language/told";

// Everything that the pages on identity ask. Keys begin with "identity", so that a decision can
// say that all of it may have changed.

export type Review = Schema["Review"];
export type MergeEntry = Schema["MergeEntry"];
export type Decision = Schema["Decision"];
export type Decided = Schema["Decided"];
export type Work = Schema["IdentityWork"];
export type Plan = Schema["IdentityPlan"];
export type RulesHeld = Schema["RulesHeld"];

export const reviewsOf = (state: ReviewState) =>
  queryOptions({
    queryKey: ["identity", "reviews", state],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/identity/reviews", { params: { query: { state, limit: 200 } }, signal }),
      ),
    placeholderData: keepPreviousData,
  });

const PAGE = 50;

export const mergesOf = (kind: MergeEntry["kind"] | undefined) =>
  infiniteQueryOptions({
    queryKey: ["identity", "merges", kind],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/identity/merges", {
          params: { query: { kind, below: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** One merge by its number. */
export const mergeOf = (number: number) =>
  queryOptions({
    queryKey: ["identity", "merges", "one", number],
    queryFn: async ({ signal }) => {
      const query = { below: number + 1, limit: 1 };
      const { data } = await body(
        api.GET("/api/v1/identity/merges", { params: { query }, signal }),
      );
      return data.find((one) => one.merge_id === number) ?? null;
    },
  });

export const decisionsMade = infiniteQueryOptions({
  queryKey: ["identity", "decisions"],
  queryFn: ({ pageParam, signal }) =>
    body(
      api.GET("/api/v1/identity/decisions", {
        params: { query: { below: pageParam, limit: PAGE } },
        signal,
      }),
    ),
  initialPageParam: undefined as number | undefined,
  getNextPageParam: (page) => page.next ?? undefined,
});

export const rulesOf = (version: number | undefined) =>
  queryOptions({
    queryKey: ["identity", "rules", version],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/identity/rules", { params: { query: { version } }, signal })),
  });

export const workOf = (id: string) =>
  queryOptions({
    queryKey: ["identity", "work", id],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/identity/progress/{work_id}", {
          params: { path: { work_id: id } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 700 : false),
    staleTime: 0,
  });

export const heldBack = (type: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["identity", "held-back", type],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/identity/held-back", {
          params: { query: { type, cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** What a decision would come to. Changes nothing. */
export function previewOf(wish: Wish) {
  return queryOptions({
    queryKey: ["preview", wish],
    queryFn: () => decide(wish, { preview: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}

/** What somebody wants to be so. */
export type Wish =
  | { do: "merge"; identifiers: [string, string] }
  | { do: "unlink"; link: [string, string] }
  | { do: "takeOut"; identifier: string }
  | { do: "goBack"; profile: string; before: string }
  | { do: "withdraw"; decision: number };

interface Words {
  preview?: boolean;
  reason?: string;
  fingerprint?: string | null;
}

export function decide(wish: Wish, { preview = false, ...words }: Words): Promise<Decided> {
  const query = { preview };
  switch (wish.do) {
    case "merge":
      return body(
        api.POST("/api/v1/identity/merge", {
          params: { query },
          body: { identifiers: wish.identifiers, ...words },
        }),
      );
    case "withdraw":
      return body(
        api.POST("/api/v1/identity/decisions/{decision_id}/withdraw", {
          params: { path: { decision_id: wish.decision }, query },
          body: words,
        }),
      );
    default: {
      const { do: _, ...what } = wish;
      return body(
        api.POST("/api/v1/identity/unmerge", { params: { query }, body: { ...what, ...words } }),
      );
    }
  }
}

export const CONCERNED = [
  "identity",
  "customer",
  "customers",
  "counts",
  "segments",
  "attention",
  "moved",
];

/** Something that changes who is who; every page that tells of customers follows. */
export function useDeciding<T, Answer>(call: (what: T) => Promise<Answer>) {
  const cache = useQueryClient();
  const { refusal } = useTold();
  return useMutation({
    mutationFn: call,
    onSuccess: () => {
      for (const first of CONCERNED) {
        void cache.invalidateQueries({ queryKey: [first] });
      }
    },
    onError: (error) => notifications.show({ color: "red", message: inBrief(refusal(error)) }),
  });
}

/** An identifier without its type, for people. */
export const plainly = (identifier: string) => identifier.replace(/^[^:]*:/, "");
