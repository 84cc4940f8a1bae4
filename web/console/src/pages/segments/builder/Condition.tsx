import { Badge, Text } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { Foreign } from "../../../show/Foreign";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";
import { Counted } from "./Counted";
import { formOf } from "./forms";
import { Grip } from "./Grip";
import { addTo, PartMenu } from "./PartMenu";
import { PartText } from "./PartText";
import { nudge, type Condition as OneCondition, parentOf, replace, type Tree } from "./tree";

/** One condition: its fields or its text, how many it lets through, and what is wrong with it. */
export function Condition({ part, number }: { part: OneCondition; number: number }) {
  const say = useTranslations("segments.builder");
  const { root, change, fault, mark, incomplete } = useBuilding();
  const { told } = useTold();
  const [asText, setAsText] = useState(false);
  const wrong = fault(part.id);
  const Form = asText ? null : formOf(part.rule);
  // Whoever types goes on to the next condition without passing by all that stands between.
  const another = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const add = addTo(parentOf(root, part.id)?.id);
    document.querySelector<HTMLElement>(add)?.click();
  };
  const put = (rule: Tree) => change(replace(root, part.id, (one) => ({ ...one, rule })));
  return (
    <fieldset
      className={classes.condition}
      aria-label={say("condition", { number })}
      aria-keyshortcuts="Control+Enter"
      data-condition={part.id}
      onMouseEnter={() => mark(part.id)}
      onMouseLeave={() => mark(null)}
      onFocus={() => mark(part.id)}
      onBlur={() => mark(null)}
      onKeyDown={another}
    >
      <Grip id={part.id} onNudge={(by) => change(nudge(root, part.id, by))} />
      {part.not && (
        <Badge color="orange" mt={5}>
          {say("not")}
        </Badge>
      )}
      <div className={classes.fields}>
        {Form ? (
          <Form rule={part.rule} onChange={put} />
        ) : (
          <PartText
            part={part}
            wanted={asText}
            onEnter={() => setAsText(true)}
            onLeave={() => setAsText(false)}
          />
        )}
        {wrong && (
          <Text
            size="xs"
            c="var(--mantine-color-red-light-color)"
            role="alert"
            className={classes.fault}
          >
            <Foreign said={told(wrong)} />
          </Text>
        )}
        {incomplete.includes(part.id) && (
          <Text size="xs" c="dimmed" className={classes.fault}>
            {say("incomplete")}
          </Text>
        )}
      </div>
      <Counted id={part.id} />
      <PartMenu part={part} onText={Form ? () => setAsText(true) : undefined} />
    </fieldset>
  );
}
