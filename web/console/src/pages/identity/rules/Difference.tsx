import { Box } from "@mantine/core";
import { diffLines } from "diff";
import { useTranslations } from "use-intl";
import classes from "../Identity.module.css";

const MARKS = { added: "+", removed: "−", same: " " } as const;

/** Two texts, line by line; what is longer alike is left out, but for two lines around. */
export function Difference({ before, after }: { before: string; after: string }) {
  const say = useTranslations("identity.rules");
  const lines = diffLines(before, after).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((text) => ({ text, kind: added ? "added" : removed ? "removed" : "same" }) as const),
  );
  const near = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind !== "same");
  return (
    <Box
      component="pre"
      className={classes.difference}
      tabIndex={0}
      role="region"
      aria-label={say("difference")}
    >
      {lines.map(({ text, kind }, at) =>
        near(at) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
          <span key={at} data-line={kind}>
            {MARKS[kind]} {text}
          </span>
        ) : near(at - 1) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <span key={at}>…</span>
        ) : null,
      )}
    </Box>
  );
}

const AROUND = 2;
