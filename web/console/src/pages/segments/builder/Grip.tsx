import { IconGripVertical } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";
import { nudge } from "./tree";

export const CARRIED = "application/x-patron-part";

/** What a part is dragged by; with Alt and an arrow it moves by the keyboard. */
export function Grip({ id }: { id: string }) {
  const say = useTranslations("segments.builder");
  const { root, change } = useBuilding();
  return (
    <button
      type="button"
      draggable
      className={classes.grip}
      aria-label={say("move")}
      aria-keyshortcuts="ArrowUp ArrowDown"
      onDragStart={(event) => {
        event.dataTransfer.setData(CARRIED, id);
        event.dataTransfer.effectAllowed = "move";
      }}
      onKeyDown={(event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        change(nudge(root, id, event.key === "ArrowUp" ? -1 : 1));
      }}
    >
      <IconGripVertical size={14} aria-hidden />
    </button>
  );
}
