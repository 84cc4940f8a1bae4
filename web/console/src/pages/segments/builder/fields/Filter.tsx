import { ActionIcon, Group, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import classes from "../builder.module.css";
import { operatorsOf } from "../operators";
import type { Json, Tree } from "../tree";
import { Add } from "./Add";
import { Choice } from "./Choice";
import { begun, Comparison } from "./Comparison";
import { type Named, NameField, useHasLines, useProperties } from "./Names";

export interface Of {
  event?: string;
  orders?: boolean;
  lines?: boolean;
}

/** What is filtered: the events of one name, orders as they stand, or lines. */
export const of = (events: Tree): Of => ({
  event: typeof events.event === "string" ? events.event : undefined,
  orders: events.orders === true,
  lines: events.lines === true,
});

interface Props {
  of: Of;
  value: Json | undefined;
  /** Nothing is said when no filter is left. */
  onChange: (where: Tree | undefined) => void;
}

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const COMPARED: Tree = { property: "", op: "=", value: null };

/** Which of the events: conditions on their properties, and on the lines of orders. */
export function Filter({ of, value, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const hasLines = useHasLines(of);
  if (!isTree(value))
    return (
      <Group gap={4} className={classes.adds}>
        <Add label={say("addFilter")} onClick={() => onChange(COMPARED)} />
        {hasLines && (
          <Add label={say("addLine")} onClick={() => onChange({ any_line: COMPARED })} />
        )}
      </Group>
    );
  return (
    <div className={classes.filter}>
      <Where of={of} where={value} onChange={onChange} />
    </div>
  );
}

interface WhereProps {
  of: Of;
  where: Tree;
  onChange: (where: Tree | undefined) => void;
  /** Inside another list of conditions, which has the means to add. */
  nested?: boolean;
  /** Behind words that say what it is about. */
  said?: boolean;
}

function Where({ of, where, onChange, nested = false, said = false }: WhereProps) {
  const say = useTranslations("segments.builder");
  const hasLines = useHasLines(of);
  const key = Array.isArray(where.any) ? "any" : "all";
  const inside = where.all ?? where.any;
  const rows = Array.isArray(inside) ? inside.filter(isTree) : [where];
  const put = (next: Tree[], by: "all" | "any" = key) => {
    const [first, ...others] = next;
    if (!first) onChange(undefined);
    else if (others.length === 0) onChange(first);
    else onChange({ [by]: next });
  };
  const single = rows.length === 1 && rows[0] === where;
  if (single && nested) return <Row of={of} where={where} onChange={onChange} />;
  return (
    <Stack gap={6}>
      {rows.map((row, at) => (
        // Rows have nothing else that stays theirs.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Group key={at} gap={6} wrap="nowrap" align="flex-start">
          {(at > 0 || !said) && (
            <span className={classes.word}>
              {at === 0 ? (
                say("where")
              ) : at === 1 ? (
                <Choice
                  label={say("joined")}
                  data={[
                    { value: "all", label: say("and") },
                    { value: "any", label: say("or") },
                  ]}
                  value={key}
                  onChange={(by) => put(rows, by as "all" | "any")}
                />
              ) : (
                say(key === "all" ? "and" : "or")
              )}
            </span>
          )}
          <Where
            of={of}
            where={row}
            nested
            onChange={(next) =>
              put(next ? rows.with(at, next) : rows.filter((_row, other) => other !== at))
            }
          />
        </Group>
      ))}
      <Group gap={4} className={classes.adds}>
        <Add label={say("addFilter")} onClick={() => put([...rows, COMPARED])} />
        <Add label={say("addNot")} onClick={() => put([...rows, { not: COMPARED }])} />
        <Add
          label={say("addGroup")}
          onClick={() => put([...rows, { [key === "all" ? "any" : "all"]: [COMPARED, COMPARED] }])}
        />
        {of.lines && (
          <Add label={say("addOfEvent")} onClick={() => put([...rows, { event: COMPARED }])} />
        )}
        {hasLines && (
          <Add label={say("addLine")} onClick={() => put([...rows, { any_line: COMPARED }])} />
        )}
      </Group>
    </Stack>
  );
}

/** One condition: on a property, on a line of the order, on the order of a line, or a negated one. */
function Row({ of, where, onChange }: Omit<WhereProps, "nested" | "said">) {
  const say = useTranslations("segments.builder");
  const wraps = (["any_line", "event", "not"] as const).find((one) => isTree(where[one]));
  if (wraps) {
    const inner = where[wraps];
    const inside: Of =
      wraps === "any_line" ? { lines: true } : wraps === "event" ? { event: of.event } : of;
    return (
      <div className={classes.filter}>
        <Text size="xs" c="dimmed">
          {say(`wraps.${wraps}`)}
        </Text>
        <Where
          of={inside}
          said
          where={isTree(inner) ? inner : COMPARED}
          onChange={(next) => onChange(next && { [wraps]: next })}
        />
      </div>
    );
  }
  return <OnProperty of={of} where={where} onChange={onChange} />;
}

function OnProperty({ of, where, onChange }: Omit<WhereProps, "nested" | "said">) {
  const say = useTranslations("segments.builder");
  const known = useProperties(of);
  const name = typeof where.property === "string" ? where.property : "";
  const kind = kindOf(known, name);
  return (
    <Group gap={6}>
      <NameField
        label={say("property")}
        placeholder={say("property")}
        names={known.map((one) => one.name)}
        value={name}
        onChange={(chosen) => onChange(named(where, chosen, kindOf(known, chosen)))}
      />
      <Comparison
        rule={where}
        onChange={onChange}
        kind={kind}
        source={
          name === ""
            ? undefined
            : {
                of: of.lines ? "line-property" : "event-property",
                name,
                event: of.lines ? undefined : of.event,
              }
        }
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={say("removeFilter")}
        onClick={() => onChange(undefined)}
      >
        <IconX size={14} />
      </ActionIcon>
    </Group>
  );
}

const kindOf = (known: Named[], name: string) =>
  known.find((one) => one.name === name)?.kind ?? "any";

/** The condition on another property; with another operator where the kinds need one. */
function named(where: Tree, property: string, kind: string): Tree {
  const possible = operatorsOf(kind, false);
  if (possible.includes(String(where.op))) return { ...where, property };
  return begun({ property }, possible[0] ?? "=", kind);
}
