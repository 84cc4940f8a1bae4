import { Badge, ScrollArea, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { useAsOf } from "../../app/AsOf";
import { useTold } from "../../language/told";
import { Long } from "../../show/Long";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import { When } from "../../show/When";
import { useWritten } from "../../show/written";
import type { PaneProps } from "./Customer";
import { customerKey, originOf, plainly, type Trait } from "./customer";

interface Observation {
  name: string;
  value: unknown;
  source: string;
  occurred_at: string;
  wins: boolean;
  reason: string;
  provenance: Trait["provenance"];
  basis: Trait["basis"];
}

/** What every source said, and which of it holds. */
export function Data({ id, brand }: PaneProps) {
  const say = useTranslations("customer");
  const written = useWritten();
  const asOf = useAsOf();
  const { word } = useTold();
  const told = useQuery({
    queryKey: [...customerKey(id), "observations", asOf, brand],
    queryFn: async ({ signal }) => {
      const answer = await body(
        api.GET("/api/v1/profiles/{identifier}", {
          params: {
            path: { identifier: id },
            query: { as_of: asOf, brand, include: ["observations"], only: true },
          },
          signal,
        }),
      );
      return (answer.observations ?? []) as unknown as Observation[];
    },
  });
  if (told.isError) return <Refused error={told.error} again={told.refetch} />;
  if (!told.data) return <Skeleton height={240} />;
  if (told.data.length === 0) return <Teaching title={say("nothingTold")} />;
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
      <Table miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("told.trait")}</Table.Th>
            <Table.Th>{say("told.value")}</Table.Th>
            <Table.Th>{say("told.source")}</Table.Th>
            <Table.Th>{say("told.when")}</Table.Th>
            <Table.Th>{say("told.origin")}</Table.Th>
            <Table.Th>{say("told.holds")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {told.data.map((one) => (
            <Table.Tr key={`${one.name} ${one.source} ${one.occurred_at} ${plainly(one.value)}`}>
              <Table.Td>{one.name}</Table.Td>
              <Table.Td>
                <Text size="sm" fw={one.wins ? 600 : 400} c={one.wins ? undefined : "dimmed"}>
                  <Long text={written(one.value)} />
                </Text>
              </Table.Td>
              <Table.Td>{one.source}</Table.Td>
              <Table.Td>
                <When at={one.occurred_at} exact />
              </Table.Td>
              <Table.Td>
                {originOf(one)
                  .map((part) => say(`origin.${part}`))
                  .join(", ")}
              </Table.Td>
              <Table.Td>
                <Badge color={one.wins ? "teal" : "gray"}>
                  {word("told.holds", one.reason.replaceAll(" ", "_"))}
                </Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
