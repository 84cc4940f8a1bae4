import { useTranslations } from "use-intl";
import { put } from "../forms/fits";
import type { Tree } from "../tree";
import { Choice } from "./Choice";

interface Props {
  events: Tree;
  /** Whether there are lines to ask of. */
  lines: boolean;
  onChange: (events: Tree) => void;
}

/** Whether events are asked, or the lines in them; a filter fits only one of the two. */
export function OfWhat({ events, lines, onChange }: Props) {
  const say = useTranslations("segments.builder");
  if (!lines) return <span>{say("of")}</span>;
  return (
    <Choice
      label={say("ofWhat")}
      data={[
        { value: "events", label: say("of") },
        { value: "lines", label: say("ofLines") },
      ]}
      value={events.lines ? "lines" : "events"}
      onChange={(chosen) =>
        onChange(put(put(events, "lines", chosen === "lines" || undefined), "where", undefined))
      }
    />
  );
}
