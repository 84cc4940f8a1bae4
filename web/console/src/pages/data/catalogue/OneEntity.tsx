import {
  Badge,
  CloseButton,
  Group,
  ScrollArea,
  SimpleGrid,
  Skeleton,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Problem } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { oneEntity, type Whole } from "./asked";
import classes from "./catalogue.module.css";
import { nameOf, useWritten, written } from "./EntityTable";

interface OneEntityProps {
  kind: string;
  id: string;
  brand: string | undefined;
}

/** What is known of one entity, who said it, and which events named it. */
export function OneEntity({ kind, id, brand }: OneEntityProps) {
  const say = useTranslations("catalogue");
  const attribute = useWritten();
  const navigate = useNavigate({ from: "/data/catalogue" });
  const found = useQuery(oneEntity(kind, id, brand, useAsOf()));
  const unknown = found.error instanceof Problem && found.error.status === 404;
  return (
    <Panel
      title={(found.data && nameOf(found.data)) ?? id}
      aside={
        <Group gap="xs">
          <Badge color="gray">{kind}</Badge>
          <CloseButton
            aria-label={say("close")}
            onClick={() => navigate({ search: (before) => ({ ...before, id: undefined }) })}
          />
        </Group>
      }
    >
      {unknown && <Teaching title={say("unknown")}>{say("unknownHow")}</Teaching>}
      {found.isError && !unknown && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={140} />}
      {found.data && (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <dl className={classes.facts}>
            <dt>{say("id")}</dt>
            <dd>{found.data.id}</dd>
            {Object.keys(found.data.attributes).map((name) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{name}</dt>
                <dd>{attribute(name, found.data.attributes)}</dd>
              </div>
            ))}
          </dl>
          <div style={{ minWidth: 0 }}>
            <Observations found={found.data} />
            <Events found={found.data} />
          </div>
        </SimpleGrid>
      )}
    </Panel>
  );
}

function Observations({ found }: { found: Whole }) {
  const say = useTranslations("catalogue");
  return (
    <>
      <Title order={3} size="h3" mb={4}>
        {say("said")}
      </Title>
      {found.observations.slice(0, 8).map((one) => (
        <Text size="sm" key={`${one.source} ${one.observed_at}`}>
          {String(one.source)}{" "}
          <Text span size="xs" c="dimmed">
            · <When at={String(one.observed_at)} />
          </Text>
        </Text>
      ))}
    </>
  );
}

function Events({ found }: { found: Whole }) {
  const say = useTranslations("catalogue");
  const { number } = useAmounts();
  if (!found.events || found.events.length === 0) return null;
  return (
    <>
      <Title order={3} size="h3" mt="md" mb={4}>
        {say("events")}
      </Title>
      <ScrollArea type="auto" {...FOCUSABLE}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {Object.keys(found.events[0] ?? {}).map((name) => (
                <Table.Th key={name}>{say(`eventColumns.${name as "event"}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.events.map((one) => (
              <Table.Tr key={String(one.event)}>
                {Object.entries(one).map(([name, value]) => (
                  <Table.Td key={name}>
                    {typeof value === "number" ? number(value) : written(value)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </>
  );
}
