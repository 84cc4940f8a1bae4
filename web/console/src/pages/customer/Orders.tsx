import { Badge, ScrollArea, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { useAmounts } from "../../show/amounts";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import { When } from "../../show/When";
import type { PaneProps } from "./Customer";
import { ordersOf, worded } from "./customer";

const MOST = 100;

/** Every order in its latest state. */
export function Orders({ id, brand }: PaneProps) {
  const say = useTranslations("customer");
  const amounts = useAmounts();
  const orders = useQuery(ordersOf(id, useAsOf()));
  if (orders.isError) return <Refused error={orders.error} again={orders.refetch} />;
  if (!orders.data) return <Skeleton height={240} />;
  const shown = orders.data.filter((order) => !brand || order.brand === brand);
  if (shown.length === 0) return <Teaching title={say("noOrders")}>{say("noOrdersHow")}</Teaching>;
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
      <Table miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("order.number")}</Table.Th>
            <Table.Th>{say("order.when")}</Table.Th>
            <Table.Th>{say("order.state")}</Table.Th>
            <Table.Th>{say("order.brand")}</Table.Th>
            <Table.Th>{say("order.lines")}</Table.Th>
            <Table.Th ta="right">{say("order.net")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.slice(0, MOST).map((order) => (
            <Table.Tr key={`${order.brand}-${order.order_id}-${order.ordered_at}`}>
              <Table.Td>{order.order_id}</Table.Td>
              <Table.Td>
                <When at={order.ordered_at} exact />
              </Table.Td>
              <Table.Td>
                <Badge color={order.state === "completed" ? "gray" : "orange"}>
                  {worded(order.state)}
                </Badge>
              </Table.Td>
              <Table.Td>{order.brand}</Table.Td>
              <Table.Td>
                <Text size="sm" lineClamp={1}>
                  {order.lines
                    .map((line) => line.product_name ?? line.category ?? line.product_id)
                    .join(", ")}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{amounts.money(order.net, order.currency)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {shown.length > MOST && (
        <Text size="xs" c="dimmed" p="sm">
          {say("moreOrders", { count: shown.length - MOST })}
        </Text>
      )}
    </ScrollArea>
  );
}
