import { Anchor, Button, Group, ScrollArea, Skeleton, Stack, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { allImports, type Import } from "./asked";
import { MappingList } from "./MappingList";
import { Pulls } from "./Pulls";
import { Done, State } from "./State";

/** The imports of this server, the databases that are pulled, and the mappings. */
export function Imports() {
  const say = useTranslations("imports");
  const may = useMay("data:write");
  const found = useQuery(allImports);
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" maw={640}>
          {say("about")}
        </Text>
        {may && (
          <Button
            leftSection={<IconPlus size={15} />}
            renderRoot={(props) => <Link to="/data/imports/new" {...props} />}
          >
            {say("new")}
          </Button>
        )}
      </Group>
      <Panel title={say("title")} flush>
        {found.isError && <Refused error={found.error} again={found.refetch} />}
        {found.isPending && <Skeleton height={120} m="sm" />}
        {found.data?.data.length === 0 && <Teaching title={say("none")}>{say("noneHow")}</Teaching>}
        {found.data && found.data.data.length > 0 && <Rows imports={found.data.data} />}
      </Panel>
      <Pulls />
      <MappingList />
    </Stack>
  );
}

function Rows({ imports }: { imports: Import[] }) {
  const say = useTranslations("imports");
  const { number } = useAmounts();
  return (
    <ScrollArea type="auto" {...FOCUSABLE}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("file")}</Table.Th>
            <Table.Th visibleFrom="sm">{say("mapping")}</Table.Th>
            <Table.Th>{say("state")}</Table.Th>
            <Table.Th ta="right">{say("stored")}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {say("refused")}
            </Table.Th>
            <Table.Th visibleFrom="sm">{say("started")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {imports.map((one) => (
            <Table.Tr key={one.import_id}>
              <Table.Td maw={260}>
                <Anchor
                  size="sm"
                  fw={600}
                  style={{ overflowWrap: "anywhere" }}
                  renderRoot={(props) => (
                    <Link to="/data/imports/$id" params={{ id: one.import_id }} {...props} />
                  )}
                >
                  {fileOf(one.path)}
                </Anchor>
              </Table.Td>
              <Table.Td visibleFrom="sm">{one.mapping}</Table.Td>
              <Table.Td miw={120}>
                <State state={one.state} />
                <Text size="xs" c="dimmed" component="div">
                  <Done of={one} />
                </Text>
              </Table.Td>
              <Table.Td ta="right">{number(one.stored)}</Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {number(one.quarantined)}
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <When at={one.started_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

/** The name of a file at the end of its path. */
export function fileOf(path: string): string {
  return path.split("/").at(-1) || path;
}
