import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Schema } from "../../../api/client";

/** So long after the last change the address follows, in milliseconds. */
const SETTLES = 400;

/** What a segment is called and is for. */
export interface About {
  name: string;
  description: string;
  owner: string;
  journey_stage: string;
  goal: Partial<Schema["Goal"]> | null;
}

/**
 * What the address says of a segment in the making: one rule, or values each with its rule; and
 * what of the rest is other than it was.
 */
export interface Draft {
  rule?: string;
  values?: { value: string; rule: string }[];
  about?: Partial<About>;
}

/**
 * What is being built stands in the address: so it outlives a reload and comes back with Back, and
 * can be sent on before it is saved.
 *
 * @param name Which part of the draft it is.
 * @param draft As it is now; undefined where it is what the page begins with anyway.
 */
export function useAddress<Name extends keyof Draft>(name: Name, draft: Draft[Name]): void {
  const navigate = useNavigate();
  const [settled] = useDebouncedValue(JSON.stringify(draft), SETTLES);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the draft counts
  useEffect(() => {
    const said = settled === undefined ? undefined : JSON.parse(settled);
    navigate({
      to: ".",
      search: (before) => ({ ...before, [name]: said }),
      replace: true,
      resetScroll: false,
    });
  }, [settled]);
}
