import { Anchor, Badge, Button, Group, Skeleton, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { allSources, type Source, type SourceKind } from "./asked";
import { SourceDialog } from "./SourceDialog";

/** Every place that data comes from, and what came in from it. */
export function Sources() {
  const say = useTranslations("sources");
  const may = useMay("definitions:write");
  const [making, dialog] = useDisclosure(false);
  const found = useQuery(allSources);
  return (
    <>
      <Panel
        title={say("title")}
        flush
        aside={
          may && (
            <Button leftSection={<IconPlus size={15} />} onClick={dialog.open}>
              {say("new")}
            </Button>
          )
        }
      >
        {found.isError && <Refused error={found.error} again={found.refetch} />}
        {found.isPending && <Skeleton height={200} m="sm" />}
        {found.data?.data.length === 0 && (
          <Teaching title={say("none")} command="patron source add web --type web">
            {say("noneHow")}
          </Teaching>
        )}
        {found.data && found.data.data.length > 0 && <Rows sources={found.data.data} />}
      </Panel>
      {making && <SourceDialog onClose={dialog.close} />}
    </>
  );
}

function Rows({ sources }: { sources: Source[] }) {
  const say = useTranslations("sources");
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say("source")}</Table.Th>
          <Table.Th visibleFrom="sm">{say("kind")}</Table.Th>
          <Table.Th visibleFrom="md">{say("brand")}</Table.Th>
          <Table.Th visibleFrom="md" ta="right">
            {say("trust")}
          </Table.Th>
          <Table.Th>{say("last")}</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            {say("day")}
          </Table.Th>
          <Table.Th ta="right">{say("stored")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sources.map((one) => (
          <Row key={one.name} source={one} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ source }: { source: Source }) {
  const say = useTranslations("sources");
  const { number } = useAmounts();
  const { quarantined = 0, ...day } = source.last_24_hours;
  const lately = Object.values(day).reduce((sum, count) => sum + count, 0);
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <Anchor
          fw={600}
          size="sm"
          style={{ overflowWrap: "anywhere" }}
          renderRoot={(props) => (
            <Link to="/data/sources/$name" params={{ name: source.name }} {...props} />
          )}
        >
          {source.name}
        </Anchor>
        {!source.active && (
          <Badge ml={8} color="gray">
            {say("removed")}
          </Badge>
        )}
        {source.description && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {source.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {say(`kinds.${source.type as SourceKind}`)}
        {source.channel !== source.type && (
          <Text size="xs" c="dimmed">
            {source.channel}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="md">{source.brand}</Table.Td>
      <Table.Td visibleFrom="md" ta="right">
        {number(source.trust)}
      </Table.Td>
      <Table.Td>
        {source.last_message_at ? (
          <When at={source.last_message_at} />
        ) : (
          <Text size="sm" c="dimmed">
            {say("never")}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        <Group gap={6} justify="flex-end" wrap="nowrap">
          {quarantined > 0 && (
            <Badge color="orange">
              {say("refused", { count: quarantined, shown: number(quarantined) })}
            </Badge>
          )}
          {number(lately)}
        </Group>
      </Table.Td>
      <Table.Td ta="right">{number(source.totals.stored)}</Table.Td>
    </Table.Tr>
  );
}
