import { useAmounts } from "../../../show/amounts";
import classes from "./quality.module.css";

interface BarProps {
  count: number;
  of: number;
  color?: string;
}

/** A number, and below it how large a part it is of another; the words say it, too. */
export function Bar({ count, of, color = "indigo" }: BarProps) {
  const { number, share } = useAmounts();
  const part = of > 0 ? Math.min(count / of, 1) : 0;
  return (
    <div className={classes.bar}>
      <span className="figures">
        {number(count)} <span className={classes.share}>{share(part)}</span>
      </span>
      <span className={classes.track} aria-hidden>
        <span style={{ width: `${part * 100}%`, background: `var(--mantine-color-${color}-6)` }} />
      </span>
    </div>
  );
}
