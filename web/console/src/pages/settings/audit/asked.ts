import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";
import type { AuditSearch } from "../../../app/routes/settings";
import { spanOfDay } from "../../../show/zone";

export type Entry = Schema["Entry"];

const PAGE = 50;

/** What the address asks for, as the API is asked; days are those of the workspace. */
export function wanted({ by, action, day, refused }: AuditSearch, zone: string) {
  const [since, until] = day ? spanOfDay(day, zone).map((moment) => moment.toISOString()) : [];
  return { actor: by, action, refused, since, until };
}

export function record(asked: ReturnType<typeof wanted>) {
  return infiniteQueryOptions({
    queryKey: ["audit", asked],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/audit", {
          params: { query: { ...asked, cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
  });
}
