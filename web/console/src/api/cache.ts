import { QueryClient } from "@tanstack/react-query";

/** Answers in memory. What was asked in the last seconds is not asked again on the way back. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 10 * 60_000,
      // A refusal stays one; only what the network or a restart did is worth another try.
      retry: (failures, error) =>
        failures < 2 && !("status" in error && Number(error.status) < 500),
    },
    mutations: { retry: false },
  },
});
