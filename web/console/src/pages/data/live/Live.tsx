import {
  Badge,
  Button,
  Group,
  SegmentedControl,
  Select,
  Skeleton,
  Table,
  Text,
} from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import type { Fate, LiveSearch } from "../../../app/routes/data";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { useReasons } from "../Reason";
import { allSources } from "../sources/asked";
import { settingsOf } from "../sources/senders";
import classes from "./live.module.css";
import { OpenMessage } from "./OpenMessage";
import { type Arrived, titleOf, useLive } from "./useLive";

const TYPES = ["identify", "track", "page", "screen", "group", "alias"];
export const COLOURS: Record<Fate, string> = {
  stored: "teal",
  duplicate: "gray",
  quarantined: "orange",
};

/** What comes in, message by message, with what became of each. */
export function Live() {
  const say = useTranslations("live");
  const { number } = useAmounts();
  const { message, ...filters } = useSearch({ from: "/data/live" });
  const { source, type, fate } = filters;
  const live = useLive({ source, type, fate });
  const narrowed = Boolean(source || type || fate);
  const opened = live.shown.find((one) => one.message_id === message);
  return (
    <>
      <Narrow wanted={filters} />
      <Panel
        title={say("title")}
        flush
        aside={
          <Group gap="sm">
            <Text size="sm" c="dimmed" role="status">
              {live.lost ? say("lost") : say(live.paused ? "paused" : "listening")}
            </Text>
            <Button
              variant={live.paused ? "filled" : "default"}
              leftSection={
                live.paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />
              }
              onClick={() => live.pause(!live.paused)}
            >
              {live.paused
                ? say("resume", { count: live.held.length, shown: number(live.held.length) })
                : say("pause")}
            </Button>
          </Group>
        }
      >
        {live.error && <Refused error={live.error} again={live.again} />}
        {live.pending && <Skeleton height={300} m="sm" />}
        {!live.pending && !live.error && live.shown.length === 0 && (
          <Teaching
            title={say(narrowed ? "noneSuch" : "none")}
            command={narrowed ? undefined : settingsOf("curl", window.location.origin, "WRITE_KEY")}
          >
            {say(narrowed ? "noneSuchHow" : "noneHow")}
          </Teaching>
        )}
        {live.shown.length > 0 && <Rows messages={live.shown} />}
        {live.leftOut > 0 && (
          <Text size="xs" c="dimmed" p="sm">
            {say("leftOut", { count: live.leftOut, shown: number(live.leftOut) })}
          </Text>
        )}
      </Panel>
      <Text size="xs" c="dimmed" mt="xs">
        {say("remembered")}
      </Text>
      {message && <OpenMessage id={message} shown={opened} />}
    </>
  );
}

/** What narrows the list stands in the address. */
function Narrow({ wanted }: { wanted: LiveSearch }) {
  const say = useTranslations("live");
  const navigate = useNavigate({ from: "/data/live" });
  const sources = useQuery(allSources);
  const narrow = (change: LiveSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }) });
  return (
    <Group mb="md" gap="sm">
      <Select
        w={{ base: "100%", xs: 200 }}
        aria-label={say("source")}
        placeholder={say("anySource")}
        data={(sources.data?.data ?? []).map(({ name }) => name)}
        value={wanted.source ?? null}
        onChange={(source) => narrow({ source: source ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": say("anySource") }}
      />
      <Select
        w={{ base: "100%", xs: 160 }}
        aria-label={say("type")}
        placeholder={say("anyType")}
        data={TYPES}
        value={wanted.type ?? null}
        onChange={(type) => narrow({ type: type ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": say("anyType") }}
      />
      <SegmentedControl
        aria-label={say("fate")}
        value={wanted.fate ?? "all"}
        onChange={(fate) => narrow({ fate: fate === "all" ? undefined : (fate as Fate) })}
        data={(["all", "stored", "duplicate", "quarantined"] as const).map((value) => ({
          value,
          label: say(`fates.${value}`),
        }))}
      />
    </Group>
  );
}

function Rows({ messages }: { messages: Arrived[] }) {
  const say = useTranslations("live");
  return (
    <Table className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say("time")}</Table.Th>
          <Table.Th visibleFrom="xs">{say("source")}</Table.Th>
          <Table.Th>{say("message")}</Table.Th>
          <Table.Th>{say("fate")}</Table.Th>
          <Table.Th visibleFrom="sm">{say("whom")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {messages.map((one) => (
          <Row key={one.cursor} message={one} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ message }: { message: Arrived }) {
  const say = useTranslations("live");
  const format = useFormatter();
  const { called } = useReasons();
  const { message_id: id, name, type, fate } = message;
  const title = titleOf(message) ?? say("unread");
  return (
    <Table.Tr>
      <Table.Td className={classes.time}>
        <time dateTime={message.received_at}>
          {format.dateTime(new Date(message.received_at), { timeStyle: "medium" })}
        </time>
      </Table.Td>
      <Table.Td visibleFrom="xs">{message.source}</Table.Td>
      <Table.Td>
        {id ? (
          <Link
            to="/data/live"
            search={(before) => ({ ...before, message: id })}
            className={classes.link}
            resetScroll={false}
          >
            {title}
          </Link>
        ) : (
          title
        )}
        {name && (
          <Text span size="xs" c="dimmed" ml={6}>
            {type}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Badge color={COLOURS[fate]}>{say(`fates.${fate}`)}</Badge>
      </Table.Td>
      <Table.Td visibleFrom="sm" className={classes.whom}>
        {message.profile_id !== null && (
          <Link to="/customers/$id" params={{ id: String(message.profile_id) }}>
            {say("customer", { id: String(message.profile_id) })}
          </Link>
        )}
        {message.code && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {called(message.code)}
            {message.field && ` · ${message.field}`}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
