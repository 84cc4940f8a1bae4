import { ActionIcon, Code, Group, Loader, Stack, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import { BuildingContext } from "../builder/Building";
import builder from "../builder/builder.module.css";
import { Grip } from "../builder/Grip";
import { Parts } from "../builder/Parts";
import { RuleText } from "../builder/RuleText";
import { savable, useRule } from "../builder/useRule";
import type { Case, Said } from "./cases";
import classes from "./values.module.css";

interface Props {
  one: Case;
  number: number;
  /** How many have it; undefined until that is known. */
  size: number | undefined;
  total: number | undefined;
  doubled: boolean;
  onValue: (value: string) => void;
  onSaid: (said: Said) => void;
  onNudge: (by: -1 | 1) => void;
  onRemove?: () => void;
}

/** One value: what it is called, how many have it, and its rule as conditions and as text. */
export function OneCase({ one, number, onSaid, ...props }: Props) {
  const say = useTranslations("segments.values");
  const ruling = useRule(one.begins || null);
  const [marked, mark] = useState<string | null>(null);
  const [open, setOpen] = useState(true);
  const { text, rule } = ruling;
  const leading = savable(ruling) ? ruling.leading : null;
  const warned = ruling.warnings.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told what changed, not who asks
  useEffect(() => onSaid({ text, leading, rule, warned }), [text, leading, rule, warned]);

  const Turn = open ? IconChevronUp : IconChevronDown;
  const called = one.value.trim() || String(number);
  return (
    <BuildingContext value={{ ...ruling, marked, mark, total: props.total }}>
      <section className={classes.one} aria-label={say("one", { value: called })}>
        <Group gap={6} wrap="nowrap">
          <Grip id={one.id} carried="application/x-patron-value" onNudge={props.onNudge} />
          <TextInput
            size="xs"
            w={170}
            miw={0}
            aria-label={say("value")}
            placeholder={say(number === 1 ? "placeholder" : "placeholderNext")}
            value={one.value}
            onChange={(event) => props.onValue(event.currentTarget.value)}
            error={props.doubled && say("doubled")}
          />
          <span className={builder.filler} />
          <Size rule={rule !== null} {...props} />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={open}
            aria-label={say("rule", { value: called })}
            onClick={() => setOpen(!open)}
          >
            <Turn size={16} />
          </ActionIcon>
          {props.onRemove && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={say("remove", { value: called })}
              onClick={props.onRemove}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
        {open ? (
          <Stack gap="xs">
            <Parts part={ruling.root} top />
            <RuleText />
          </Stack>
        ) : (
          <Code block>{text.trim()}</Code>
        )}
      </section>
    </BuildingContext>
  );
}

function Size({ rule, size, total }: Pick<Props, "size" | "total"> & { rule: boolean }) {
  const say = useTranslations("segments");
  const { number } = useAmounts();
  if (size === undefined)
    return (
      <span className={builder.count}>
        {rule ? (
          <Loader size={12} color="gray" role="status" aria-label={say("builder.counting")} />
        ) : (
          "–"
        )}
      </span>
    );
  return (
    <span className={builder.count} data-holders={size} title={say("values.sizeHow")}>
      {number(size)}
      <span className={builder.share} aria-hidden>
        <span style={{ width: `${total ? (100 * size) / total : 0}%` }} />
      </span>
    </span>
  );
}
