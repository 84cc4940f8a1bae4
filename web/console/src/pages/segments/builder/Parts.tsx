import { Badge, Button, Group as Row } from "@mantine/core";
import { IconParentheses } from "@tabler/icons-react";
import { type DragEvent, Fragment, useState } from "react";
import { useTranslations } from "use-intl";
import { AddCondition } from "./AddCondition";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";
import { Condition } from "./Condition";
import { Counted } from "./Counted";
import { Choice } from "./fields/Choice";
import { Whole } from "./fields/Span";
import { CARRIED, Grip } from "./Grip";
import { PartMenu } from "./PartMenu";
import { condition, type Group, group, insert, isGroup, type Join, move, replace } from "./tree";

/** A group of conditions, and of groups. */
export function Parts({ part, top = false }: { part: Group; top?: boolean }) {
  const say = useTranslations("segments.builder");
  const { root, change } = useBuilding();
  const put = (next: Partial<Group>) =>
    change(replace(root, part.id, (one) => ({ ...one, ...next })));
  const between = part.join === "all" ? say("and") : part.join === "any" ? say("or") : "";
  return (
    <div className={top ? undefined : classes.group}>
      <Row gap={6} wrap="nowrap" className={classes.groupHead}>
        {!top && <Grip id={part.id} />}
        {part.not && <Badge color="orange">{say("not")}</Badge>}
        <Choice
          label={say("joined")}
          data={[
            { value: "all", label: say("joins.all") },
            { value: "any", label: say("joins.any") },
            { value: "at_least", label: say("joins.at_least") },
          ]}
          value={part.join}
          onChange={(join) => put({ join: join as Join })}
        />
        {part.join === "at_least" && (
          <Whole label={say("least")} value={part.least} onChange={(least) => put({ least })} />
        )}
        {!top && (
          <>
            <span className={classes.filler} />
            <Counted id={part.id} />
            <PartMenu part={part} />
          </>
        )}
      </Row>
      {part.inside.map((one, at) => (
        <Fragment key={one.id}>
          <Drop into={part.id} at={at} word={at === 0 ? "" : between} />
          {isGroup(one) ? <Parts part={one} /> : <Condition part={one} number={at + 1} />}
        </Fragment>
      ))}
      <Drop into={part.id} at={part.inside.length} word="" />
      <Row gap={4}>
        <AddCondition
          onAdd={(rule) => change(insert(root, part.id, part.inside.length, condition(rule)))}
        />
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconParentheses size={14} />}
          onClick={() =>
            change(
              insert(
                root,
                part.id,
                part.inside.length,
                group([], part.join === "any" ? "all" : "any"),
              ),
            )
          }
        >
          {say("addGroup")}
        </Button>
      </Row>
    </div>
  );
}

/** A place between two parts, where a part that is dragged can be let go. */
function Drop({ into, at, word }: { into: string; at: number; word: string }) {
  const { root, change } = useBuilding();
  const [over, setOver] = useState(false);
  const takes = (event: DragEvent) => event.dataTransfer.types.includes(CARRIED);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keyboard moves by the grip
    <div
      className={classes.drop}
      data-drop
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        change(move(root, event.dataTransfer.getData(CARRIED), into, at));
      }}
    >
      {word}
    </div>
  );
}
