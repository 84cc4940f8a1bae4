import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";

export type Group = Schema["RefusedGroup"];
export type Row = Schema["patron__api__quarantine__Refused"];
export type Choice = Pick<Schema["Chosen"], "source" | "code" | "field">;

const SECONDS = 1_000;
const AT_ONCE = 25;

export function groupsOf(
  choice: { source?: string; code?: string; field?: string },
  waiting: boolean,
) {
  return queryOptions({
    queryKey: ["quarantine", "groups", choice, waiting],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/quarantine/groups", { params: { query: { ...choice, waiting } }, signal }),
      ),
    refetchInterval: 10 * SECONDS,
  });
}

/** The messages and rows of one group, the newest first. */
export function rowsOf(group: Pick<Group, "source" | "code" | "field">, waiting: boolean) {
  const { source, code, field } = group;
  return infiniteQueryOptions({
    queryKey: ["quarantine", "rows", source, code, field, waiting],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/quarantine", {
          params: {
            query: { source, code, field: field ?? "", waiting, cursor: pageParam, limit: AT_ONCE },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
