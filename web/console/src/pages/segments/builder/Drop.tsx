import { useState } from "react";
import classes from "./builder.module.css";
import type { Carried } from "./Grip";

interface Props {
  /** What stands between the two. */
  word: string;
  carried?: Carried;
  onDrop: (id: string) => void;
}

/** A place between two things, where one that is dragged can be let go. */
export function Drop({ word, carried = "application/x-patron-part", onDrop }: Props) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keyboard moves by the grip
    <div
      className={classes.drop}
      data-drop
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(carried)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const id = event.dataTransfer.getData(carried);
        if (!id) return;
        event.preventDefault();
        onDrop(id);
      }}
    >
      {word}
    </div>
  );
}
