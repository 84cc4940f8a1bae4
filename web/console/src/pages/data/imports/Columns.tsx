import { ActionIcon, Autocomplete, Badge, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../api/vocabulary";
import { Panel } from "../../../show/Panel";
import { identifierTypes, type Suggested } from "./asked";
import classes from "./imports.module.css";
import {
  addUse,
  type Body,
  dropUse,
  type Meaning,
  makes,
  message,
  plainName,
  type Use,
  usesOf,
} from "./mapping";
import type { Draft } from "./useDraft";

type Column = Suggested["columns"][number];

const OFFERED: Record<"identify" | "track", Meaning[]> = {
  identify: ["identifier", "time", "trait"],
  track: ["identifier", "time", "event", "property", "line"],
};

const KNOWN: Partial<Record<Meaning, string[]>> = {
  property: ["order_id", "total", "revenue", "currency", "tax", "shipping", "discount", "coupon"],
  line: ["product_id", "sku", "name", "category", "brand", "variant", "price", "quantity"],
};

/** Every column of the file, with samples, and what it means. */
export function Columns({ draft, suggested }: { draft: Draft; suggested: Suggested }) {
  const say = useTranslations("imports.form");
  return (
    <Panel title={say("columns")} flush>
      {suggested.columns.map((column) => (
        <fieldset key={column.name} aria-label={column.name} className={classes.column}>
          <About column={column} draft={draft} text={suggested.format === "csv"} />
          <Uses column={column} draft={draft} />
        </fieldset>
      ))}
    </Panel>
  );
}

function About({ column, draft, text }: { column: Column; draft: Draft; text: boolean }) {
  const say = useTranslations("imports.form");
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap={6}>
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {column.name}
        </Text>
        <Badge color="gray" size="sm">
          {say(`kinds.${column.kind as "text"}`)}
        </Badge>
      </Group>
      <Text size="xs" c="dimmed" className={classes.samples} title={column.samples.join(" · ")}>
        {column.samples.join(" · ")}
      </Text>
      {text && <ReadAs column={column.name} draft={draft} />}
    </div>
  );
}

/** Text files hold only text: what a column is read as, where that matters. */
function ReadAs({ column, draft }: { column: string; draft: Draft }) {
  const say = useTranslations("imports.form");
  const types = (draft.body.columns ?? {}) as Body;
  const read = types[column];
  if (read === undefined || usesOf(draft.body, column).length === 0) return null;
  const put = (type: string | null) => {
    const { [column]: _before, ...rest } = types;
    const next = type && type !== "text" ? { ...rest, [column]: type } : rest;
    const { columns: _columns, ...body } = draft.body;
    draft.change(Object.keys(next).length > 0 ? { ...body, columns: next } : body);
  };
  return (
    <Select
      mt={4}
      size="xs"
      w={150}
      aria-label={say("readAs", { column })}
      data={(["text", "number", "boolean", "time"] as const).map((value) => ({
        value,
        label: say(`readAsTypes.${value}`),
      }))}
      value={String(read)}
      onChange={put}
      allowDeselect={false}
    />
  );
}

function Uses({ column, draft }: { column: Column; draft: Draft }) {
  const say = useTranslations("imports.form");
  const { body, change } = draft;
  const uses = usesOf(body, column.name);
  const offered = OFFERED[makes(body)];
  const rest = makes(body) === "identify" ? "trait" : "property";
  const today = new Date().toISOString().slice(0, 10);
  const named = (as: Meaning): Use => ({
    as,
    name:
      as === "identifier" ? "user_id" : as in KNOWN || as === "trait" ? plainName(column.name) : "",
  });
  const replace = (before: Use | null, after: Use | null) => {
    const without = before ? dropUse(body, column.name, before, today) : body;
    change(after ? addUse(without, column.name, after, column.time_format) : without);
  };
  const options = [
    { value: "ignored", label: say("meanings.ignored") },
    ...offered.map((value) => ({ value, label: say(`meanings.${value}`) })),
  ];
  const shown: (Use | null)[] = uses.length > 0 ? uses : [null];
  return (
    <Stack gap={6}>
      {shown.map((use, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a use keeps its place while it is renamed
        <Group key={place} gap={6} wrap="nowrap">
          <Select
            size="xs"
            flex={1}
            aria-label={say("meaning", { column: column.name })}
            data={options}
            value={use?.as ?? "ignored"}
            onChange={(chosen) =>
              replace(use, chosen && chosen !== "ignored" ? named(chosen as Meaning) : null)
            }
            allowDeselect={false}
          />
          {use?.as === "time" ? (
            <FormatField column={column} draft={draft} />
          ) : use && use.as !== "event" ? (
            <NameField
              key={`${use.as} ${use.name}`}
              use={use}
              column={column.name}
              onChange={(name) => replace(use, { ...use, name })}
            />
          ) : (
            <div style={{ flex: 1 }} />
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={say("drop", { column: column.name })}
            style={{ visibility: uses.length > 1 ? undefined : "hidden" }}
            onClick={() => replace(use, null)}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      {uses.some(({ as }) => as === "identifier") && !uses.some(({ as }) => as === rest) && (
        <Button
          variant="subtle"
          size="compact-xs"
          h={24}
          w="fit-content"
          leftSection={<IconPlus size={12} />}
          onClick={() => replace(null, named(rest))}
        >
          {say(`also.${rest}`)}
        </Button>
      )}
    </Stack>
  );
}

const FORMATS = [
  "iso",
  "%d.%m.%Y",
  "%d/%m/%Y",
  "%m/%d/%Y",
  "%Y-%m-%d %H:%M",
  "epoch_s",
  "epoch_ms",
];

/** How the times of a column are written. */
function FormatField({ column, draft }: { column: Column; draft: Draft }) {
  const say = useTranslations("imports.form");
  const said = message(draft.body);
  const time = said.timestamp as string | { format?: string };
  const held = typeof time === "string" ? "iso" : (time.format ?? "iso");
  const [format, setFormat] = useState(held);
  const take = (chosen: string) => {
    const plain = chosen.trim() || "iso";
    if (plain === held) return;
    const rest = typeof time === "string" ? {} : time;
    const timestamp = { ...rest, column: column.name, format: plain };
    draft.change({ ...draft.body, message: { ...said, timestamp } });
  };
  return (
    <Autocomplete
      size="xs"
      flex={1}
      aria-label={say("format", { column: column.name })}
      data={FORMATS}
      value={format}
      onChange={setFormat}
      onOptionSubmit={take}
      onBlur={() => take(format)}
      onKeyDown={(event) => event.key === "Enter" && take(format)}
    />
  );
}

interface NameFieldProps {
  use: Use;
  column: string;
  onChange: (name: string) => void;
}

/** What an identifier, a property or a trait is called; taken when the field is left. */
function NameField({ use, column, onChange }: NameFieldProps) {
  const say = useTranslations("imports.form");
  const [name, setName] = useState(use.name);
  const types = useQuery(identifierTypes);
  const known = useQuery(vocabulary);
  const offered =
    {
      identifier: types.data ?? [],
      trait: (known.data?.traits ?? []).filter((one) => !one.computed).map((one) => one.name),
    }[use.as as string] ??
    KNOWN[use.as] ??
    [];
  const take = (chosen: string) => {
    const plain = chosen.trim();
    if (plain === "") setName(use.name);
    else if (plain !== use.name) onChange(plain);
  };
  return (
    <Autocomplete
      size="xs"
      flex={1}
      aria-label={say("called", { column })}
      data={offered}
      value={name}
      onChange={setName}
      onOptionSubmit={take}
      onBlur={() => take(name)}
      onKeyDown={(event) => event.key === "Enter" && take(name)}
    />
  );
}
