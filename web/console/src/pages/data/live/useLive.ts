import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useReducer } from "react";
import { api, body, Problem, type Schema } from "../../../api/client";
import type { LiveSearch } from "../../../app/routes/data";

export type Arrived = Schema["ArrivedMessage"];
export type Filters = Pick<LiveSearch, "source" | "type" | "fate">;

/** So many are shown; older ones go. */
export const MOST = 200;

interface State {
  shown: Arrived[];
  /** Came in while the list was held; the newest first. */
  held: Arrived[];
  paused: boolean;
  /** Fitted, but came in faster than they can be shown, or were too many at the beginning. */
  leftOut: number;
  lost: boolean;
}

type Action =
  | { is: "begun"; messages: Arrived[]; leftOut: number }
  | { is: "came"; message: Arrived }
  | { is: "left out"; messages: number }
  | { is: "paused"; paused: boolean }
  | { is: "line"; lost: boolean };

const NOTHING: State = { shown: [], held: [], paused: false, leftOut: 0, lost: false };

export function next(state: State, action: Action): State {
  switch (action.is) {
    case "begun":
      return { ...NOTHING, paused: state.paused, shown: action.messages, leftOut: action.leftOut };
    case "came": {
      const at = state.paused ? "held" : "shown";
      return { ...state, [at]: [action.message, ...state[at]].slice(0, MOST) };
    }
    case "left out":
      return { ...state, leftOut: state.leftOut + action.messages };
    case "paused":
      return action.paused
        ? { ...state, paused: true }
        : {
            ...state,
            paused: false,
            held: [],
            shown: [...state.held, ...state.shown].slice(0, MOST),
          };
    case "line":
      return { ...state, lost: action.lost };
  }
}

function newest(filters: Filters) {
  return queryOptions({
    queryKey: ["live", filters],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/messages", { params: { query: { ...filters, limit: 100 } }, signal })),
    // The stream goes on where this ends; to ask again would begin anew.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/**
 * What a message is called: its event, else its type. What was refused while it was read has these
 * in its body only.
 */
export function titleOf({ name, type, body: text }: Arrived): string | null {
  if (name ?? type) return name ?? type;
  try {
    const { event, type: kind } = JSON.parse(text);
    return [event, kind].find((one) => typeof one === "string" && one !== "") ?? null;
  } catch {
    return null;
  }
}

interface Live extends State {
  pending: boolean;
  error: Error | null;
  again: () => unknown;
  pause: (paused: boolean) => void;
}

/** Messages as they come in, the newest first. */
export function useLive(filters: Filters): Live {
  const first = useQuery(newest(filters));
  const [state, dispatch] = useReducer(next, NOTHING);
  const { source, type, fate } = filters;
  const begun = first.data;
  useEffect(() => {
    if (!begun) return;
    dispatch({ is: "begun", messages: begun.data, leftOut: begun.left_out });
    const asked = { source, type, fate, after: begun.next };
    const query = new URLSearchParams(
      Object.entries(asked).flatMap(([name, value]) => (value ? [[name, value]] : [])),
    );
    const stream = new EventSource(`/api/v1/messages/stream?${query}`);
    stream.addEventListener("message", (event) =>
      dispatch({ is: "came", message: JSON.parse(event.data) }),
    );
    stream.addEventListener("left_out", (event) =>
      dispatch({ is: "left out", messages: JSON.parse(event.data).messages }),
    );
    stream.onopen = () => dispatch({ is: "line", lost: false });
    stream.onerror = () => dispatch({ is: "line", lost: true });
    return () => stream.close();
  }, [begun, source, type, fate]);
  return {
    ...state,
    pending: first.isPending,
    error: first.error,
    again: first.refetch,
    pause: (paused) => dispatch({ is: "paused", paused }),
  };
}

/** What became of a message that the list does not hold any more. */
export function fateOf(messageId: string) {
  return queryOptions({
    queryKey: ["fates", messageId],
    queryFn: async ({ signal }) => {
      const found = await body(
        api.GET("/api/v1/messages/{message_id}", {
          params: { path: { message_id: messageId } },
          signal,
        }),
      );
      if (found.data.length === 0) throw new Problem(404, {});
      return found.data;
    },
  });
}
