import { Badge, Button, Group as Row } from "@mantine/core";
import { IconParentheses } from "@tabler/icons-react";
import { Fragment } from "react";
import { useTranslations } from "use-intl";
import { AddCondition } from "./AddCondition";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";
import { Condition } from "./Condition";
import { Counted } from "./Counted";
import { Drop } from "./Drop";
import { Choice } from "./fields/Choice";
import { Whole } from "./fields/Span";
import { Grip } from "./Grip";
import { goTo, goToGap } from "./gap";
import { OnBrands } from "./OnBrands";
import { addTo, PartMenu } from "./PartMenu";
import {
  condition,
  type Group,
  group,
  insert,
  isGroup,
  type Join,
  move,
  nudge,
  replace,
} from "./tree";

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
        {!top && <Grip id={part.id} onNudge={(by) => change(nudge(root, part.id, by))} />}
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
        {part.brands && <OnBrands brands={part.brands} onChange={(brands) => put({ brands })} />}
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
          <Drop
            word={at === 0 ? "" : between}
            onDrop={(id) => change(move(root, id, part.id, at))}
          />
          {isGroup(one) ? <Parts part={one} /> : <Condition part={one} number={at + 1} />}
        </Fragment>
      ))}
      <Drop word="" onDrop={(id) => change(move(root, id, part.id, part.inside.length))} />
      <Row gap={4}>
        <AddCondition
          to={part.id}
          onAdd={(rule) => {
            const added = condition(rule);
            change(insert(root, part.id, part.inside.length, added));
            goToGap(() => document.querySelector(`[data-condition="${added.id}"]`));
          }}
        />
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconParentheses size={14} />}
          onClick={() => {
            const added = group([], part.join === "any" ? "all" : "any");
            change(insert(root, part.id, part.inside.length, added));
            goTo(addTo(added.id));
          }}
        >
          {say("addGroup")}
        </Button>
      </Row>
    </div>
  );
}
