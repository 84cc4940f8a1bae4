import { Anchor, Badge, Group, ScrollArea, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { useTold } from "../../language/told";
import { useMay } from "../../session/session";
import { Foreign } from "../../show/Foreign";
import { Long } from "../../show/Long";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { When } from "../../show/When";
import type { PaneProps } from "./Customer";
import classes from "./Customer.module.css";
import { customerKey } from "./customer";
import { Merge } from "./Merge";

/** Why all of this is one person: the picture, and the same in words. */
export function Identity({ id, profile }: PaneProps) {
  const say = useTranslations("customer");
  const merges = useTranslations("identity.merges");
  const undo = merges("undo");
  const may = useMay("identity:decide");
  const { cause, link: linked, word } = useTold();
  const graph = useQuery({
    queryKey: [...customerKey(id), "identity"],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/profiles/{identifier}/identity", {
          params: { path: { identifier: id } },
          signal,
        }),
      ),
  });
  if (graph.isError) return <Refused error={graph.error} again={graph.refetch} />;
  if (!graph.data) return <Skeleton height={280} />;
  const { links, changes } = graph.data;
  // A decision is about what tells the person: the strongest type, and not a browser's cookie.
  const [own] = [...graph.data.identifiers].sort((one, other) => one.strength - other.strength);
  const names = new Map(graph.data.identifiers.map((one) => [one.id, `${one.type}:${one.value}`]));
  return (
    <Stack gap="md">
      <Panel
        title={say("graph")}
        aside={may && own && <Merge identifier={`${own.type}:${own.value}`} />}
      >
        <img
          className={classes.picture}
          src={`/api/v1/profiles/${profile.profile_id}/identity.svg`}
          alt={say("graphAlt", { count: graph.data.counts.identifiers, links: links.length })}
        />
      </Panel>
      {links.length > 0 && (
        <Panel title={say("links")} flush>
          <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
            <Table miw={560}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th miw={240}>{say("link.between")}</Table.Th>
                  <Table.Th>{say("link.why")}</Table.Th>
                  <Table.Th>{say("link.since")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {links.map((link) => (
                  <Table.Tr key={`${link.a} ${link.b}`}>
                    <Table.Td>
                      <Long text={names.get(link.a) ?? ""} /> —{" "}
                      <Long text={names.get(link.b) ?? ""} />
                    </Table.Td>
                    <Table.Td>
                      <Foreign said={linked(link)} />
                    </Table.Td>
                    <Table.Td>
                      <When at={link.first_observed_at} exact />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollArea>
        </Panel>
      )}
      {changes.length > 0 && (
        <Panel title={say("changesOfIdentity")} flush>
          {changes.map((change) => (
            <div
              key={`${change.kind} ${change.recorded_at} ${change.reason}`}
              className={classes.entry}
            >
              <Group gap="xs">
                <Badge color={change.kind === "merge" ? "indigo" : "orange"}>
                  {word("told.changes", change.kind)}
                </Badge>
                <Text size="sm">
                  <Foreign said={cause(change.kind, change.cause, change.reason)} />
                </Text>
                <Text size="xs" c="dimmed">
                  <When at={change.recorded_at} exact />
                </Text>
                {may && change.kind === "merge" && (
                  <Anchor
                    size="xs"
                    aria-label={`${undo}: ${cause(change.kind, change.cause, change.reason).text}`}
                    renderRoot={(props) => (
                      <Link to="/identity/merges" search={{ undo: change.change_id }} {...props} />
                    )}
                  >
                    {undo}
                  </Anchor>
                )}
              </Group>
            </div>
          ))}
        </Panel>
      )}
    </Stack>
  );
}
