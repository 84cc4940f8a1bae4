import {
  Anchor,
  Button,
  Group,
  ScrollArea,
  Select,
  Skeleton,
  Table,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Schema } from "../../../api/client";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Dialog } from "../../../show/Dialog";
import { FOCUSABLE } from "../../../show/focusable";
import { Long } from "../../../show/Long";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { useTypeName } from "../../../show/types";
import { When } from "../../../show/When";
import { heldBack, plainly } from "../asked";
import { blocking } from "../rules/text";
import { Release } from "./Release";
import type { Change } from "./Values";

type Value = Schema["HeldBack"];

/** Values that came with more people than their type allows, those with the most first. */
export function HeldBack({ onChange }: { onChange: Change }) {
  const say = useTranslations("identity.values");
  const { number } = useAmounts();
  const typeName = useTypeName();
  const navigate = useNavigate({ from: "/identity/values" });
  const { type } = useSearch({ from: "/identity/values" });
  const found = useInfiniteQuery(heldBack(type));
  const [released, setReleased] = useState<string>();
  const all = found.data?.pages.flatMap((page) => page.data) ?? [];
  const types = Object.entries(found.data?.pages[0]?.types ?? {});
  return (
    <Panel
      title={say("heldBack")}
      flush
      aside={
        types.length > 0 && (
          <Select
            size="xs"
            w={220}
            clearable
            aria-label={say("type")}
            placeholder={say("anyType")}
            data={types.map(([name, count]) => ({
              value: name,
              label: `${typeName(name)} (${number(count)})`,
            }))}
            value={type ?? null}
            onChange={(chosen) => navigate({ search: { type: chosen ?? undefined } })}
          />
        )
      }
    >
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={120} m="md" />}
      {found.data && all.length === 0 && <Teaching title={say("none")}>{say("noneHow")}</Teaching>}
      {all.length > 0 && (
        <ScrollArea type="auto" {...FOCUSABLE}>
          <Table miw={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("value")}</Table.Th>
                <Table.Th>{say("cameWith")}</Table.Th>
                <Table.Th>{say("since")}</Table.Th>
                <Table.Th ta="right">{say("parted")}</Table.Th>
                <Table.Th>
                  <VisuallyHidden>{say("actions")}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((one) => (
                <Row
                  key={one.identifier}
                  one={one}
                  onChange={onChange}
                  onRelease={() => setReleased(one.identifier)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
      {found.hasNextPage && (
        <Button variant="subtle" m="xs" onClick={() => found.fetchNextPage()}>
          {say("more")}
        </Button>
      )}
      <Dialog
        opened={released !== undefined}
        onClose={() => setReleased(undefined)}
        title={say("releaseTitle", { identifier: released ?? "" })}
      >
        {released && <Release identifier={released} onDone={() => setReleased(undefined)} />}
      </Dialog>
    </Panel>
  );
}

function Row({
  one,
  onChange,
  onRelease,
}: {
  one: Value;
  onChange: Change;
  onRelease: () => void;
}) {
  const say = useTranslations("identity.values");
  const { number } = useAmounts();
  const typeName = useTypeName();
  const may = useMay("identity:decide");
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          size="sm"
          fw={500}
          renderRoot={(props) => (
            <Link to="/customers/$id" params={{ id: String(one.profile_id) }} {...props} />
          )}
        >
          <Long text={one.identifier} />
        </Anchor>
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          {say("linked", {
            linked: number(one.linked),
            type: typeName(one.linked_type),
            most: number(one.most),
          })}
        </Text>
      </Table.Td>
      <Table.Td>
        <When at={one.since} exact />
      </Table.Td>
      <Table.Td ta="right">{number(one.parted)}</Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          {may && (
            <Button
              variant="default"
              onClick={onRelease}
              aria-label={say("releaseOne", { identifier: one.identifier })}
            >
              {say("release")}
            </Button>
          )}
          {onChange && (
            <Button
              variant="default"
              onClick={() =>
                onChange((rules) => blocking(rules, one.type, plainly(one.identifier)))
              }
              aria-label={say("blockOne", { identifier: one.identifier })}
            >
              {say("block")}
            </Button>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
