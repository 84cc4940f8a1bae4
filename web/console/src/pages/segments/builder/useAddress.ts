import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

/** So long after the last change the address follows, in milliseconds. */
const SETTLES = 400;

/** What the address says of a segment in the making: one rule, or values each with its rule. */
export interface Draft {
  rule?: string;
  values?: { value: string; rule: string }[];
}

/**
 * What is being built stands in the address: so it outlives a reload and comes back with Back, and
 * can be sent on before it is saved.
 *
 * @param name Whether it is one rule or values.
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
