import {
  Alert,
  Anchor,
  Button,
  Group,
  ScrollArea,
  Skeleton,
  Stack,
  Table,
  Text,
} from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body, Problem } from "../../../api/client";
import { useTold } from "../../../language/told";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Foreign } from "../../../show/Foreign";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import show from "../../../show/show.module.css";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { Reason } from "../Reason";
import { type OneImport as Found, oneImport } from "./asked";
import { fileOf } from "./Imports";
import { Done, State } from "./State";

/** How one import goes or went. The page can be left; the import goes on. */
export function OneImport() {
  const say = useTranslations("imports");
  const { id } = useParams({ from: "/data/imports/$id" });
  const found = useQuery(oneImport(id));
  const gone = found.error instanceof Problem && found.error.status === 404;
  return (
    <Stack gap="md">
      <Anchor size="sm" renderRoot={(props) => <Link to="/data/imports" {...props} />}>
        <Group gap={4}>
          <IconArrowLeft size={14} aria-hidden /> {say("all")}
        </Group>
      </Anchor>
      {gone && <Teaching title={say("gone")}>{say("goneHow")}</Teaching>}
      {found.isError && !gone && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={180} />}
      {found.data && <Shown found={found.data} />}
    </Stack>
  );
}

function Shown({ found }: { found: Found }) {
  const say = useTranslations("imports");
  const may = useMay("data:write");
  const { told } = useTold();
  return (
    <>
      <Panel title={fileOf(found.path)} aside={<State state={found.state} />}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed" component="div">
            {say("byMapping", { mapping: found.mapping })} · <When at={found.started_at} exact />
          </Text>
          {found.state === "running" && (
            <Text size="sm" component="div" aria-live="polite">
              <Done of={found} />
              <Text size="xs" c="dimmed" mt={4}>
                {say("leave")}
              </Text>
            </Text>
          )}
          {found.state === "cancelled" && <Alert color="gray">{say("cancelledHow")}</Alert>}
          {found.state === "failed" && (
            <Alert color="red" role="alert" title={say("failedHow")}>
              {found.error && <Foreign said={told({ message: found.error })} />}
            </Alert>
          )}
          <Numbers found={found} />
          {found.notes?.map((note) => (
            <Alert key={note} color="orange" p="xs">
              <Foreign said={told({ message: note })} />
            </Alert>
          ))}
          <Group gap="xs">
            {found.state === "running" && may && <Cancel id={found.import_id} />}
            {found.state !== "running" && (
              <Button renderRoot={(props) => <Link to="/customers" {...props} />}>
                {say("toCustomers")}
              </Button>
            )}
            {found.state !== "running" && may && (
              <Button
                variant="default"
                renderRoot={(props) => (
                  <Link to="/data/imports/new" search={{ mapping: found.mapping }} {...props} />
                )}
              >
                {say("another")}
              </Button>
            )}
          </Group>
        </Stack>
      </Panel>
      {found.refused.length > 0 && <Refusals found={found} />}
    </>
  );
}

function Numbers({ found }: { found: Found }) {
  const say = useTranslations("imports");
  const { number } = useAmounts();
  return (
    <Group gap="xl" align="flex-start">
      {(["stored", "duplicate", "quarantined"] as const).map((fate) => (
        <div key={fate} data-fate={fate} data-count={found[fate]}>
          <div className={show.value}>{number(found[fate])}</div>
          <Text size="xs" c="dimmed" maw={190}>
            {say(`fates.${fate}`)}
          </Text>
        </div>
      ))}
    </Group>
  );
}

function Cancel({ id }: { id: string }) {
  const say = useTranslations("imports");
  const cache = useQueryClient();
  const cancelling = useMutation({
    mutationFn: () =>
      body(api.POST("/api/v1/imports/{import_id}/cancel", { params: { path: { import_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["imports"] }),
  });
  return (
    <Button
      variant="default"
      loading={cancelling.isPending || cancelling.isSuccess}
      onClick={() => cancelling.mutate()}
    >
      {say("cancel")}
    </Button>
  );
}

function Refusals({ found }: { found: Found }) {
  const say = useTranslations("imports");
  const { number } = useAmounts();
  return (
    <Panel
      title={say("reasons")}
      aside={
        <Anchor size="sm" renderRoot={(props) => <Link to="/data/quarantine" {...props} />}>
          {say("toQuarantine")}
        </Anchor>
      }
      flush
    >
      <ScrollArea type="auto" {...FOCUSABLE}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">{say("rows")}</Table.Th>
              <Table.Th>{say("field")}</Table.Th>
              <Table.Th>{say("reason")}</Table.Th>
              <Table.Th>{say("first")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.refused.map((one) => (
              <Table.Tr key={`${one.code} ${one.field}`}>
                <Table.Td ta="right">{number(one.rows)}</Table.Td>
                <Table.Td>{one.field ?? "–"}</Table.Td>
                <Table.Td>
                  <Reason why={one} />
                </Table.Td>
                <Table.Td>
                  {one.row === null ? one.origin : say("rowOf", { row: number(one.row) })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
      <Text size="xs" c="dimmed" p="sm">
        {say("reasonsHow")}
      </Text>
    </Panel>
  );
}
