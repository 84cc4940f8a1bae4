import { IconGripVertical } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import classes from "./builder.module.css";

/** What a drag carries: a part of a rule, or a value with its rule. */
export type Carried = "application/x-patron-part" | "application/x-patron-value";

interface Props {
  id: string;
  carried?: Carried;
  onNudge: (by: -1 | 1) => void;
}

/** What something is dragged by; with the arrow keys it moves by the keyboard. */
export function Grip({ id, carried = "application/x-patron-part", onNudge }: Props) {
  const say = useTranslations("segments.builder");
  return (
    <button
      type="button"
      draggable
      className={classes.grip}
      aria-label={say("move")}
      aria-keyshortcuts="ArrowUp ArrowDown"
      onDragStart={(event) => {
        event.dataTransfer.setData(carried, id);
        event.dataTransfer.effectAllowed = "move";
      }}
      onKeyDown={(event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        onNudge(event.key === "ArrowUp" ? -1 : 1);
      }}
    >
      <IconGripVertical size={14} aria-hidden />
    </button>
  );
}
