// What the workspace holds, in numbers that cost nothing to ask for.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";

export const status = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/status", { signal })),
});
