import { Badge, Progress } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import type { Import } from "./asked";

const COLOURS: Record<string, string> = {
  running: "indigo",
  done: "teal",
  failed: "red",
  cancelled: "gray",
};

/** In a word how an import stands. */
export function State({ state }: { state: string }) {
  const say = useTranslations("imports");
  return (
    <Badge color={COLOURS[state] ?? "gray"} data-state={state}>
      {say(`states.${state as "done"}`)}
    </Badge>
  );
}

/** How much of an import is done, while that is known. */
export function Done({ of }: { of: Import }) {
  const say = useTranslations("imports");
  const { number, share } = useAmounts();
  if (of.state !== "running") return null;
  const part = of.total ? Math.min(of.accepted / of.total, 1) : null;
  const words =
    part === null
      ? say("soFar", { rows: number(of.read ?? of.accepted) })
      : say("ofAll", { share: share(part), total: number(of.total ?? 0) });
  return (
    <>
      <Progress value={part === null ? 100 : part * 100} animated aria-label={words} mt={6} />
      <span>{words}</span>
    </>
  );
}
