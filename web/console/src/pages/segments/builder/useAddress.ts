import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

/** So long after the last change the address follows, in milliseconds. */
const SETTLES = 400;

/**
 * What is being built stands in the address: so it outlives a reload and comes back with Back, and
 * can be sent on before it is saved.
 *
 * @param text The rule as it is now.
 * @param saved As it was when the page was opened without one; the address need not say that.
 */
export function useAddress(text: string, saved = ""): void {
  const navigate = useNavigate();
  const [settled] = useDebouncedValue(text, SETTLES);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the rule counts
  useEffect(() => {
    const rule = settled.trim() === saved.trim() ? undefined : settled;
    navigate({
      to: ".",
      search: (before) => ({ ...before, rule }),
      replace: true,
      resetScroll: false,
    });
  }, [settled]);
}
