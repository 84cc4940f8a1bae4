import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, body, type Schema } from "../../../api/client";
import type { Choice } from "./asked";

export interface Tried {
  /** How many there were to try. */
  total: number;
  stored: number;
  duplicate: number;
  failed: Schema["StillRefused"][];
  running: boolean;
  error?: Error;
}

const NOTHING = { stored: 0, duplicate: 0, failed: [], running: true };

/** Sends refused messages through again: a choice of them in portions, or some by their numbers. */
export function useReplay() {
  const cache = useQueryClient();
  const [tried, setTried] = useState<Tried>();
  const stopped = useRef(false);

  const run = async (chosen: Choice | number[], total: number) => {
    stopped.current = false;
    let sum: Tried = { ...NOTHING, total };
    let after: number | null = 0;
    setTried(sum);
    try {
      while (after !== null && !stopped.current) {
        const portion: Schema["Replayed"] = await (Array.isArray(chosen)
          ? body(api.POST("/api/v1/quarantine/replay", { body: chosen }))
          : body(
              api.POST("/api/v1/quarantine/replay/all", { body: { limit: 500, ...chosen, after } }),
            ));
        sum = {
          total,
          stored: sum.stored + portion.stored,
          duplicate: sum.duplicate + portion.duplicate,
          failed: [...sum.failed, ...portion.failed],
          running: true,
        };
        after = portion.next;
        setTried(sum);
      }
    } catch (error) {
      sum = { ...sum, error: error as Error };
    }
    setTried({ ...sum, running: false });
    for (const queryKey of [["quarantine"], ["attention"], ["sources"], ["fates"]])
      cache.invalidateQueries({ queryKey });
  };

  return {
    tried,
    run,
    stop: () => {
      stopped.current = true;
    },
    forget: () => setTried(undefined),
  };
}
