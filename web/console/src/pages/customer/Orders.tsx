import { Anchor, Badge, Button, ScrollArea, Skeleton, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { useAsOf } from "../../app/AsOf";
import { useAmounts } from "../../show/amounts";
import { Long } from "../../show/Long";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import { When } from "../../show/When";
import type { PaneProps } from "./Customer";
import { customerKey, type Order } from "./customer";

/** Every order in its latest state, the one last placed first. */
export function Orders({ id, brand }: PaneProps) {
  const say = useTranslations("customer");
  const amounts = useAmounts();
  const asOf = useAsOf();
  const pages = useInfiniteQuery({
    queryKey: [...customerKey(id), "orders", asOf, brand],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/profiles/{identifier}/orders", {
          params: {
            path: { identifier: id },
            query: { as_of: asOf, brand, cursor: pageParam, limit: 50 },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (pages.isError) return <Refused error={pages.error} again={pages.refetch} />;
  if (!pages.data) return <Skeleton height={240} />;
  const shown = pages.data.pages.flatMap((page) => page.data as unknown as Order[]);
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
          {shown.map((order) => (
            <Table.Tr key={`${order.brand}-${order.order_id}-${order.ordered_at}`}>
              <Table.Td>
                <Long text={order.order_id ?? ""} />
              </Table.Td>
              <Table.Td>
                <When at={order.ordered_at} exact />
              </Table.Td>
              <Table.Td>
                <Badge color={order.state === "completed" ? "gray" : "orange"}>
                  {say(`order.states.${order.state as "completed"}`)}
                </Badge>
              </Table.Td>
              <Table.Td>{order.brand}</Table.Td>
              <Table.Td>
                <Text size="sm" lineClamp={1}>
                  <Products lines={order.lines} brand={order.brand} />
                </Text>
              </Table.Td>
              <Table.Td ta="right">{amounts.money(order.net, order.currency)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {pages.hasNextPage && (
        <Button
          variant="default"
          m="sm"
          loading={pages.isFetchingNextPage}
          onClick={() => pages.fetchNextPage()}
        >
          {say("earlier")}
        </Button>
      )}
    </ScrollArea>
  );
}

/** What was bought; what has an id leads to the catalogue. */
function Products({ lines, brand }: Pick<Order, "lines" | "brand">) {
  return lines.map((line, place) => {
    const name = line.product_name ?? line.category ?? line.product_id;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines of an order have no other key
      <Fragment key={place}>
        {place > 0 && ", "}
        {line.product_id ? (
          <Anchor
            inherit
            renderRoot={(props) => (
              <Link
                to="/data/catalogue"
                search={{ kind: "product", id: line.product_id ?? undefined, brand }}
                {...props}
              />
            )}
          >
            {name}
          </Anchor>
        ) : (
          name
        )}
      </Fragment>
    );
  });
}
