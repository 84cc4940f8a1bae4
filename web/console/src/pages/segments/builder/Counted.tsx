import { Loader, Tooltip } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";

/** How many customers a part lets through by itself. */
export function Counted({ id }: { id: string }) {
  const say = useTranslations("segments.builder");
  const { number } = useAmounts();
  const { count, total, incomplete, errors, preview, settled } = useBuilding();
  const found = count(id);
  if (found === undefined) {
    const answered = settled && preview.data !== undefined;
    const hopeless = answered || incomplete.includes(id) || errors.length > 0 || preview.isError;
    return (
      <span className={classes.count} data-part={id}>
        {hopeless ? (
          "–"
        ) : (
          <Loader size={12} color="gray" role="status" aria-label={say("counting")} />
        )}
      </span>
    );
  }
  const share = total ? (100 * found) / total : 0;
  return (
    <Tooltip label={say("countHow")}>
      <span className={classes.count} data-part={id} data-count={found}>
        {number(found)}
        <span className={classes.share} aria-hidden>
          <span style={{ width: `${share}%` }} />
        </span>
      </span>
    </Tooltip>
  );
}
