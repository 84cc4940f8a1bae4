import { Loader, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import classes from "./builder.module.css";

interface TotalProps {
  count: number;
  /** Of so many customers. */
  total: number;
  /** Whether it is the count of what is asked now, and not of what was asked before. */
  settled: boolean;
}

/** How many customers a rule lets through. */
export function Total({ count, total, settled }: TotalProps) {
  const say = useTranslations("segments.builder");
  const { number, share } = useAmounts();
  return (
    <div>
      <span className={classes.total} data-count={settled ? count : undefined}>
        {number(count)}
      </span>{" "}
      {!settled && <Loader size="xs" role="status" aria-label={say("counting")} />}{" "}
      <Text span size="sm" c="dimmed">
        {say("ofEverybody", { share: share(total ? count / total : 0), total: number(total) })}
      </Text>
    </div>
  );
}
