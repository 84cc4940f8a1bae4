import { Badge, Group, ScrollArea, Select, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import type { SourceKind } from "../sources/asked";
import { Bar } from "./Bar";
import { HeldBack } from "./HeldBack";

type Source = Schema["SourceQuality"];
type Field = Schema["FieldQuality"];

/** How good the data of each source is, field by field. */
export function Quality() {
  const say = useTranslations("quality");
  const asOf = useAsOf();
  const navigate = useNavigate({ from: "/data/quality" });
  const { source: wanted } = useSearch({ from: "/data/quality" });
  const mayRead = useMay("profiles:read");
  const found = useQuery({
    queryKey: ["quality", asOf],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/quality", { params: { query: { as_of: asOf } }, signal })),
    staleTime: 60_000,
  });
  const all = found.data?.sources ?? [];
  const told = all.filter((one) => one.messages > 0 || one.unidentified > 0);
  const shown = wanted ? all.filter((one) => one.source === wanted) : told;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm" align="flex-start">
        <Text size="sm" c="dimmed" maw={760}>
          {say("about", { days: found.data?.stale_after_days ?? 365 })}
        </Text>
        {all.length > 1 && (
          <Select
            w={200}
            aria-label={say("source")}
            placeholder={say("allSources")}
            data={all.map((one) => one.source)}
            value={wanted ?? null}
            onChange={(source) => navigate({ search: { source: source ?? undefined } })}
            clearable
            clearButtonProps={{ "aria-label": say("allSources") }}
          />
        )}
      </Group>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={300} />}
      {found.data && shown.length === 0 && (
        <Teaching title={say("none")} first>
          {say("noneHow")}
        </Teaching>
      )}
      {shown.map((one) => (
        <OfSource key={one.source} of={one} />
      ))}
      {mayRead && <HeldBack />}
    </Stack>
  );
}

function OfSource({ of }: { of: Source }) {
  const say = useTranslations("quality");
  const kinds = useTranslations("sources.kinds");
  const { number } = useAmounts();
  return (
    <Panel
      title={of.source}
      aside={
        <Group gap={6}>
          <Badge color="gray">{kinds(of.type as SourceKind)}</Badge>
          <Badge color="gray" className="figures">
            {say("messages", { count: number(of.messages) })}
          </Badge>
          <Badge color="gray" className="figures">
            {say("customers", { count: number(of.customers) })}
          </Badge>
          {of.unidentified > 0 && (
            <Badge color="orange" className="figures">
              {say("unidentified", { count: number(of.unidentified) })}
            </Badge>
          )}
        </Group>
      }
      flush
    >
      {of.fields.length === 0 ? (
        <Teaching title={say("nothing")} />
      ) : (
        <ScrollArea type="auto" offsetScrollbars="x" {...FOCUSABLE}>
          <Table miw={760}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("field")}</Table.Th>
                {(
                  ["filled", "valid", "distinct", "duplicate", "conflicting", "stale"] as const
                ).map((measure) => (
                  <Table.Th key={measure} title={say(`measuresHow.${measure}`)}>
                    {say(`measures.${measure}`)}
                  </Table.Th>
                ))}
                <Table.Th title={say("measuresHow.held_back")} ta="right">
                  {say("measures.held_back")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {of.fields.map((field) => (
                <Row key={`${field.kind} ${field.field}`} field={field} customers={of.customers} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </Panel>
  );
}

function Row({ field, customers }: { field: Field; customers: number }) {
  const say = useTranslations("quality");
  const { number } = useAmounts();
  const bad = (count: number) => (count > 0 ? "orange" : "gray");
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {field.field}
        </Text>
        <Text size="xs" c="dimmed">
          {say(`kinds.${field.kind}`)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Bar count={field.filled} of={customers} />
      </Table.Td>
      <Table.Td>
        <Bar
          count={field.valid}
          of={field.filled}
          color={field.valid < field.filled ? "orange" : "teal"}
        />
      </Table.Td>
      <Table.Td>{number(field.distinct)}</Table.Td>
      <Table.Td>
        {/* That many live in one city is no fault; that many have one card is. */}
        <Bar
          count={field.duplicate}
          of={field.distinct}
          color={field.kind === "identifier" ? bad(field.duplicate) : "gray"}
        />
      </Table.Td>
      <Table.Td>
        <Bar count={field.conflicting} of={field.valid} color={bad(field.conflicting)} />
      </Table.Td>
      <Table.Td>
        <Bar count={field.stale} of={field.filled} color={bad(field.stale)} />
      </Table.Td>
      <Table.Td ta="right" c={field.held_back ? undefined : "dimmed"}>
        {number(field.held_back)}
      </Table.Td>
    </Table.Tr>
  );
}
