import { Button, Code, ScrollArea, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useTold } from "../../../language/told";
import { useMay } from "../../../session/session";
import { Foreign } from "../../../show/Foreign";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused, Wrong } from "../../../show/Refused";
import { When } from "../../../show/When";
import { allPulls } from "./asked";

/** The databases that mappings read: how far, and when next. Nothing where there are none. */
export function Pulls() {
  const say = useTranslations("imports");
  const found = useQuery(allPulls);
  if (found.isError) return <Refused error={found.error} again={found.refetch} />;
  if (!found.data || found.data.data.length === 0) return null;
  return (
    <Panel title={say("pulls")} flush>
      <ScrollArea type="auto" {...FOCUSABLE}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("mapping")}</Table.Th>
              <Table.Th>{say("connection")}</Table.Th>
              <Table.Th>{say("position")}</Table.Th>
              <Table.Th>{say("lastPull")}</Table.Th>
              <Table.Th>{say("nextPull")}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.data.map((one) => (
              <Row key={one.mapping} pull={one} />
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Panel>
  );
}

function Row({ pull }: { pull: Schema["PullState"] }) {
  const say = useTranslations("imports");
  const may = useMay("data:write");
  const navigate = useNavigate();
  const cache = useQueryClient();
  const pulling = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/imports/pulls/{mapping}", {
          params: { path: { mapping: pull.mapping } },
        }),
      ),
    onSuccess: ({ import_id }) => {
      cache.invalidateQueries({ queryKey: ["imports"] });
      navigate({ to: "/data/imports/$id", params: { id: import_id } });
    },
  });
  const { told } = useTold();
  return (
    <Table.Tr>
      <Table.Td fw={600}>{pull.mapping}</Table.Td>
      <Table.Td>
        {pull.connection} {pull.table && <Code>{pull.table}</Code>}
        {pulling.error && <Wrong error={pulling.error} />}
        {pull.error && !pulling.error && (
          <Text size="xs" c="var(--mantine-color-red-light-color)">
            <Foreign said={told({ message: pull.error })} />
          </Text>
        )}
      </Table.Td>
      <Table.Td>{pull.position ?? "–"}</Table.Td>
      <Table.Td>{pull.last_success_at ? <When at={pull.last_success_at} /> : "–"}</Table.Td>
      <Table.Td>{pull.next_at ? <When at={pull.next_at} /> : say("byHand")}</Table.Td>
      <Table.Td ta="right">
        {may && (
          <Button variant="default" loading={pulling.isPending} onClick={() => pulling.mutate()}>
            {say("pullNow")}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
