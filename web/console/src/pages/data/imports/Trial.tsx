import { Badge, Button, Code, Group, Loader, Skeleton, Text } from "@mantine/core";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { Foreign } from "../../../show/Foreign";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { useTypeName } from "../../../show/types";
import { useReasons } from "../Reason";
import type { Tried } from "./asked";
import classes from "./imports.module.css";
import type { Draft } from "./useDraft";

type Message = Tried["messages"][number];

const AT_FIRST = 3;

/** The first rows as customers would get them, and those that would be refused, with why. */
export function Trial({ draft }: { draft: Draft }) {
  const say = useTranslations("imports.trial");
  const { told, refused } = useTold();
  const { called } = useReasons();
  const [all, setAll] = useState(false);
  const { result, error } = draft;
  const messages = result?.messages ?? [];
  const nobody = messages.filter((one) => !one.identified).length;
  return (
    <Panel
      title={say("title")}
      aside={
        draft.settled ? null : error ? null : (
          <Loader size={14} role="status" aria-label={say("trying")} />
        )
      }
      flush
    >
      {error && <Wrong error={error} m="sm" />}
      {!result && !error && <Skeleton height={160} m="sm" />}
      {result && !error && (
        <div aria-live="polite">
          <Group gap={6} p="sm">
            <Badge color="teal" data-fine={messages.length - nobody}>
              {say("fine", { count: messages.length - nobody })}
            </Badge>
            {nobody + result.refused.length > 0 && (
              <Badge color="orange" data-refused={nobody + result.refused.length}>
                {say("refused", { count: nobody + result.refused.length })}
              </Badge>
            )}
          </Group>
          {result.notes.map((note) => (
            <Text key={note} size="xs" c="dimmed" px="sm" pb="xs">
              <Foreign said={told({ message: note })} />
            </Text>
          ))}
          {result.refused.map((one) => (
            <div key={`${one.row} ${one.field}`} className={classes.tried}>
              <Row row={one.row} />
              <Text size="sm" c="var(--mantine-color-orange-light-color)">
                {called(one.code)} {one.field && <Code>{one.field}</Code>}
              </Text>
              <Text size="xs" c="dimmed">
                <Foreign said={refused(one)} />
              </Text>
              <Text size="xs" c="dimmed" className={classes.samples}>
                {one.body}
              </Text>
            </div>
          ))}
          {(all ? messages : messages.slice(0, AT_FIRST)).map((one) => (
            <Shown key={`${one.row}`} message={one} />
          ))}
          {messages.length > AT_FIRST && (
            <Button variant="subtle" m="xs" onClick={() => setAll(!all)}>
              {all ? say("fewer") : say("all", { count: messages.length })}
            </Button>
          )}
        </div>
      )}
    </Panel>
  );
}

function Row({ row }: { row: number | null }) {
  const say = useTranslations("imports");
  return (
    <Text size="xs" c="dimmed" className="figures">
      {say("rowOf", { row: row ?? 0 })}
    </Text>
  );
}

/** A value in words; of an object, such as the line of an order, each part. */
function written(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${written(one)}`)
    .join(" · ");
}

function Shown({ message: { row, message, identifiers, identified } }: { message: Message }) {
  const say = useTranslations("imports.trial");
  const { word } = useTold();
  const typeName = useTypeName();
  const because = (one: Message["identifiers"][number]) =>
    one.code ? word("told.nobody", one.code) : undefined;
  const why = identifiers.find((one) => one.code);
  const format = useFormatter();
  const at = typeof message.timestamp === "string" ? new Date(message.timestamp) : null;
  const said = { ...(message.traits as object), ...(message.properties as object) };
  return (
    <div className={classes.tried}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>
          {String(message.event ?? say("known"))}
        </Text>
        <Row row={row} />
      </Group>
      {at && !Number.isNaN(at.getTime()) && (
        <Text size="xs" c="dimmed">
          {format.dateTime(at, { dateStyle: "medium", timeStyle: "short" })}
        </Text>
      )}
      <Group gap={4} mt={4}>
        {identifiers.map((one) => (
          <Badge
            key={`${one.type} ${one.value}`}
            color={one.normal === null ? "orange" : "indigo"}
            title={because(one)}
            maw="100%"
          >
            {typeName(one.type)}: {one.normal ?? one.value}
          </Badge>
        ))}
      </Group>
      {!identified && (
        <Text size="sm" c="var(--mantine-color-orange-light-color)" mt={4}>
          {say("nobody")} {why && `${typeName(why.type)}: ${because(why)}.`}
        </Text>
      )}
      <dl className={classes.said}>
        {Object.entries(said).map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>
              {Array.isArray(value)
                ? // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an order have no other
                  value.map((one, place) => <div key={place}>{written(one)}</div>)
                : written(value)}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
