import { Badge, Button, ScrollArea, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { allMappings, type NamedMapping } from "./asked";

/** The mappings that hold; those of files can be used for another file. */
export function MappingList() {
  const say = useTranslations("imports");
  const found = useQuery(allMappings);
  return (
    <Panel title={say("mappings")} flush>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={80} m="sm" />}
      {found.data?.data.length === 0 && (
        <Teaching title={say("noMappings")}>{say("noMappingsHow")}</Teaching>
      )}
      {found.data && found.data.data.length > 0 && (
        <ScrollArea type="auto" {...FOCUSABLE}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("mapping")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("source")}</Table.Th>
                <Table.Th>{say("makes")}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.data.map((one) => (
                <Row key={one.name} mapping={one} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </Panel>
  );
}

function Row({ mapping }: { mapping: NamedMapping }) {
  const say = useTranslations("imports");
  const may = useMay("data:write");
  const ofFiles = mapping.reads === "files" && mapping.makes === "messages";
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {mapping.name}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {mapping.description}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{mapping.source}</Table.Td>
      <Table.Td>
        <Badge color="gray">{made(mapping) ?? say(mapping.reads)}</Badge>
      </Table.Td>
      <Table.Td ta="right">
        {may && ofFiles && (
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/data/imports/new" search={{ mapping: mapping.name }} {...props} />
            )}
          >
            {say("another")}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** What rows become: an event, identify, or a kind of entities. */
function made({ kind, body }: NamedMapping): string | null {
  if (kind) return kind;
  const message = body.message as { type?: string; event?: unknown } | undefined;
  if (!message) return null;
  return typeof message.event === "string" ? message.event : (message.type ?? null);
}
