import {
  Badge,
  Button,
  Group,
  ScrollArea,
  SegmentedControl,
  Skeleton,
  Table,
  Text,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { usage } from "./asked";

const AT_FIRST = 15;

/** Events, properties and traits, and what uses them: what nobody uses may not be worth sending. */
export function Usage() {
  const say = useTranslations("plan.usage");
  const { number } = useAmounts();
  const found = useQuery(usage(useAsOf()));
  const [shown, setShown] = useState<"unused" | "used">("unused");
  const [all, setAll] = useState(false);
  const rows = (found.data?.data ?? []).filter(
    (one) => (one.used_by.length === 0) === (shown === "unused"),
  );
  return (
    <Panel
      title={say("title")}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={say("title")}
          value={shown}
          onChange={(value) => setShown(value as "unused")}
          data={(["unused", "used"] as const).map((value) => ({ value, label: say(value) }))}
        />
      }
      flush
    >
      <Text size="sm" c="dimmed" p="sm" pb={0}>
        {say("how")}
      </Text>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={160} m="sm" />}
      {found.data && rows.length === 0 && (
        <Teaching
          title={
            found.data.data.length === 0
              ? say("nothing")
              : shown === "unused"
                ? say("allUsed")
                : say("noneUsed")
          }
        />
      )}
      {rows.length > 0 && (
        <ScrollArea type="auto" {...FOCUSABLE}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("what")}</Table.Th>
                <Table.Th ta="right">{say("rows")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("last")}</Table.Th>
                <Table.Th visibleFrom={shown === "unused" ? "sm" : undefined}>
                  {shown === "unused" ? say("planned") : say("usedBy")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {(all ? rows : rows.slice(0, AT_FIRST)).map((one) => (
                <Table.Tr key={`${one.kind} ${one.event} ${one.name}`}>
                  <Table.Td>
                    <Group gap={6}>
                      <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
                        {one.name}
                      </Text>
                      <Badge color="gray" size="sm">
                        {say(`kinds.${one.kind}`)}
                      </Badge>
                    </Group>
                    {one.event && (
                      <Text size="xs" c="dimmed">
                        {one.event}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td ta="right">{number(one.rows)}</Table.Td>
                  <Table.Td visibleFrom="sm">
                    <When at={one.last_seen} />
                  </Table.Td>
                  <Table.Td visibleFrom={shown === "unused" ? "sm" : undefined}>
                    <Text size="xs" c="dimmed" lineClamp={2} title={one.used_by.join(", ")}>
                      {shown === "unused"
                        ? one.planned
                          ? say("isPlanned")
                          : "–"
                        : one.used_by.join(", ")}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
      {rows.length > AT_FIRST && !all && (
        <Button variant="subtle" m="xs" onClick={() => setAll(true)}>
          {say("all", { count: rows.length })}
        </Button>
      )}
    </Panel>
  );
}
