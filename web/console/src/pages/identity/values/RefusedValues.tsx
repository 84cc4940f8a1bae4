import { Button, ScrollArea, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";

/** How many values of each source are refused; counted on request, for it reads every message. */
export function RefusedValues() {
  const say = useTranslations("identity.values");
  const [asked, setAsked] = useState(false);
  return (
    <Panel title={say("refused")}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm" c="dimmed">
          {say("refusedHow")}
        </Text>
        {asked ? (
          <Counted />
        ) : (
          <Button variant="default" onClick={() => setAsked(true)}>
            {say("count")}
          </Button>
        )}
      </Stack>
    </Panel>
  );
}

function Counted() {
  const say = useTranslations("identity.values");
  const { number } = useAmounts();
  const found = useQuery({
    queryKey: ["identity", "quality"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/quality", { signal })),
    staleTime: 10 * 60_000,
  });
  if (found.isError) return <Refused error={found.error} again={found.refetch} />;
  if (!found.data) return <Skeleton height={120} />;
  const rows = found.data.sources.flatMap(({ source, fields }) =>
    fields
      .filter((one) => one.kind === "identifier" && one.refused + one.held_back > 0)
      .map((one) => ({ ...one, source })),
  );
  if (rows.length === 0) return <Text size="sm">{say("noneRefused")}</Text>;
  return (
    <ScrollArea type="auto" w="100%" {...FOCUSABLE}>
      <Table miw={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("source")}</Table.Th>
            <Table.Th>{say("type")}</Table.Th>
            <Table.Th ta="right">{say("valid")}</Table.Th>
            <Table.Th ta="right">{say("refusedCount")}</Table.Th>
            <Table.Th ta="right">{say("heldBackCount")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((one) => (
            <Table.Tr key={`${one.source} ${one.field}`}>
              <Table.Td>{one.source}</Table.Td>
              <Table.Td>{one.field}</Table.Td>
              <Table.Td ta="right">{number(one.distinct)}</Table.Td>
              <Table.Td ta="right">{number(one.refused)}</Table.Td>
              <Table.Td ta="right">{number(one.held_back)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
