import { ActionIcon, Badge, Code, Group, Table, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { When } from "../../../show/When";
import { told } from "./actions";
import type { Entry } from "./asked";

/** Something that was done, or was not allowed; all of it below. */
export function EntryRow({ entry }: { entry: Entry }) {
  const say = useTranslations("settings.audit");
  const [open, setOpen] = useState(false);
  const { area, done } = told(entry.action, entry.named);
  const who = entry.actor ?? say("nobody");
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <Table.Tr>
        <Table.Td visibleFrom="sm" style={{ whiteSpace: "nowrap" }}>
          <When at={entry.recorded_at} />
        </Table.Td>
        <Table.Td visibleFrom="sm" miw={170}>
          <Text size="sm" lineClamp={1} style={{ overflowWrap: "anywhere" }}>
            {who}
          </Text>
        </Table.Td>
        <Table.Td>
          <Text size="sm">
            <Text span fw={600} size="sm">
              {say(`areas.${area}`)}
            </Text>{" "}
            · {say(`done.${done}`)}
          </Text>
          <Text size="xs" c="dimmed" lineClamp={1} style={{ overflowWrap: "anywhere" }}>
            {Object.entries(entry.named)
              .map(([name, value]) => `${name} ${value}`)
              .join(" · ")}
          </Text>
          <Group gap={6} hiddenFrom="sm" mt={2}>
            <Text size="xs" c="dimmed" component="div">
              {who} · <When at={entry.recorded_at} />
            </Text>
            <Outcome entry={entry} />
          </Group>
        </Table.Td>
        <Table.Td visibleFrom="sm">
          <Outcome entry={entry} />
        </Table.Td>
        <Table.Td ta="right">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={open}
            aria-label={say("detail", { number: entry.audit_id })}
            onClick={() => setOpen(!open)}
          >
            <Chevron size={15} />
          </ActionIcon>
        </Table.Td>
      </Table.Tr>
      {open && <Detail entry={entry} />}
    </>
  );
}

function Outcome({ entry }: { entry: Entry }) {
  const say = useTranslations("settings.audit");
  if (entry.status === null || entry.status < 400) return null;
  const refused = entry.status < 500;
  return <Badge color={refused ? "orange" : "red"}>{say(refused ? "refused" : "failed")}</Badge>;
}

function Detail({ entry }: { entry: Entry }) {
  const say = useTranslations("settings.audit");
  const facts: [string, string | null][] = [
    [say("number"), String(entry.audit_id)],
    [say("action"), entry.action],
    ...Object.entries(entry.named).map(([name, value]): [string, string] => [name, value]),
    [say("kind"), entry.actor_kind && say(`kinds.${entry.actor_kind as "person"}`)],
    [say("status"), entry.status === null ? null : String(entry.status)],
    [say("address"), entry.address],
  ];
  return (
    <Table.Tr>
      <Table.Td colSpan={5} bg="var(--patron-ground)">
        <Text size="xs" component="div" mb={4}>
          <When at={entry.recorded_at} exact />
        </Text>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <Group key={name} gap={6} wrap="nowrap" align="baseline">
              <Text size="xs" c="dimmed" w={110} style={{ flexShrink: 0 }}>
                {name}
              </Text>
              <Code style={{ overflowWrap: "anywhere" }}>{value}</Code>
            </Group>
          ),
        )}
      </Table.Td>
    </Table.Tr>
  );
}
