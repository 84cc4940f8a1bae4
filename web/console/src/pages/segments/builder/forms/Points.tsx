import { ActionIcon, Checkbox, Group, Stack } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { Add } from "../fields/Add";
import { Choice } from "../fields/Choice";
import { Comparison } from "../fields/Comparison";
import { Filter, of } from "../fields/Filter";
import { EventField, NameField, useProperties } from "../fields/Names";
import { SpanField } from "../fields/Span";
import { NumberField } from "../fields/Value";
import { isNumeric, OF_MEASURES } from "../operators";
import type { Json, Tree } from "../tree";
import type { FormProps } from ".";
import { isTree, only, plainWhere, put } from "./fits";
import { Brands, Currency } from "./Scope";

const SOURCE = ["event", "where", "on_brand", "currency", "convert"];

const isSource = (tree: Json | undefined, more: readonly string[] = []) =>
  only(tree, [...SOURCE, ...more]) && plainWhere(tree.where);

const isEarning = (tree: Json) =>
  (only(tree, ["earn", "per"]) && isSource(tree.per, ["property"])) ||
  (only(tree, ["earn", "for"]) && isSource(tree.for));

/** Whether the fields show all of a programme of points. */
export const isProgramme = (tree: Json | undefined) =>
  only(tree, ["earning", "burning", "expire_after"]) &&
  Array.isArray(tree.earning) &&
  tree.earning.every(isEarning) &&
  (tree.burning === undefined || isSource(tree.burning, ["property"]));

/** What of a loyalty programme is left: what earns points, what burns them, when they expire. */
export function PointsForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const programme = isTree(rule.points) ? rule.points : {};
  const earning = Array.isArray(programme.earning) ? programme.earning.filter(isTree) : [];
  const burning = isTree(programme.burning) ? programme.burning : null;
  const change = (next: Tree) => onChange({ ...rule, points: next });
  const earn = (next: Tree[]) => change({ ...programme, earning: next });
  return (
    <Stack gap={6} align="flex-start">
      {earning.map((one, at) => (
        // Ways to earn have nothing else that stays theirs.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at}>
          <Earning
            earning={one}
            onChange={(next) => earn(earning.with(at, next))}
            onRemove={earning.length > 1 ? () => earn(earning.toSpliced(at, 1)) : undefined}
          />
        </div>
      ))}
      <Add
        label={say("points.add")}
        onClick={() => earn([...earning, { earn: 1, for: { event: "" } }])}
      />
      <Group gap={6}>
        <Checkbox
          size="xs"
          label={say("points.burn")}
          checked={burning !== null}
          onChange={(event) => {
            const begun = { event: "", property: "" };
            change(put(programme, "burning", event.currentTarget.checked ? begun : undefined));
          }}
        />
        {burning && (
          <Amount events={burning} onChange={(next) => change({ ...programme, burning: next })} />
        )}
      </Group>
      <Group gap={6}>
        <Checkbox
          size="xs"
          label={say("points.expire")}
          checked={programme.expire_after !== undefined}
          onChange={(event) =>
            change(put(programme, "expire_after", event.currentTarget.checked ? "365d" : undefined))
          }
        />
        {programme.expire_after !== undefined && (
          <SpanField
            label={say("length")}
            value={programme.expire_after}
            onChange={(span) => change({ ...programme, expire_after: span })}
          />
        )}
      </Group>
      <Group gap={6}>
        <span>{say("points.left")}</span>
        <Comparison rule={rule} onChange={onChange} kind="number" operators={OF_MEASURES} />
      </Group>
    </Stack>
  );
}

interface EarningProps {
  earning: Tree;
  onChange: (earning: Tree) => void;
  onRemove?: () => void;
}

/** So many points for each event, or for each unit of one of its amounts. */
function Earning({ earning, onChange, onRemove }: EarningProps) {
  const say = useTranslations("segments.builder");
  const key = "per" in earning ? "per" : "for";
  const events = isTree(earning[key]) ? earning[key] : {};
  const change = (next: Tree) => onChange({ ...earning, [key]: next });
  return (
    <>
      <Group gap={6}>
        <span>{say("points.earn")}</span>
        <NumberField
          label={say("points.earn")}
          value={earning.earn}
          onChange={(number) => onChange({ ...earning, earn: number })}
        />
        <Choice
          label={say("points.how")}
          data={[
            { value: "per", label: say("points.per") },
            { value: "for", label: say("points.for") },
          ]}
          value={key}
          onChange={(chosen) => {
            const { property = "", ...plain } = events;
            onChange({
              earn: earning.earn ?? 1,
              [chosen]: chosen === "per" ? { ...plain, property } : plain,
            });
          }}
        />
        {key === "per" ? (
          <Amount events={events} onChange={change} />
        ) : (
          <EventField rule={events} onChange={change} />
        )}
        <Brands rule={events} onChange={change} />
        {onRemove && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={say("points.remove")}
            onClick={onRemove}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </Group>
      <Filter
        of={of(events)}
        value={events.where}
        onChange={(where) => change(put(events, "where", where))}
      />
    </>
  );
}

/** A number that events bring, and in which currency it is meant. */
function Amount({ events, onChange }: { events: Tree; onChange: (events: Tree) => void }) {
  const say = useTranslations("segments.builder");
  const properties = useProperties(of(events));
  return (
    <>
      <NameField
        label={say("property")}
        placeholder={say("property")}
        names={properties.filter((one) => isNumeric(one.kind)).map((one) => one.name)}
        value={String(events.property ?? "")}
        onChange={(property) => onChange({ ...events, property })}
      />
      <span>{say("of")}</span>
      <EventField rule={events} onChange={onChange} />
      <Currency rule={events} onChange={onChange} />
    </>
  );
}
