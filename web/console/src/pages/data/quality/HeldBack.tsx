import { Anchor, Badge, Button, Group, ScrollArea, Skeleton, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { useTypeName } from "../../../show/types";
import { When } from "../../../show/When";

/** Identifiers that came with too many people, and therefore join nobody. */
export function HeldBack() {
  const say = useTranslations("quality.heldBack");
  const { number } = useAmounts();
  const typeName = useTypeName();
  const pages = useInfiniteQuery({
    queryKey: ["held-back"],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/identity/held-back", {
          params: { query: { cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const types = Object.entries(pages.data?.pages[0]?.types ?? {});
  const rows = pages.data?.pages.flatMap((page) => page.data);
  return (
    <Panel
      title={say("title")}
      aside={
        <Group gap={6}>
          {types.map(([type, count]) => (
            <Badge key={type} color="orange" className="figures">
              {typeName(type)}: {number(count)}
            </Badge>
          ))}
        </Group>
      }
      flush
    >
      <Text size="sm" c="dimmed" p="sm" pb={0} maw={760}>
        {say("how")}
      </Text>
      {pages.isError && <Refused error={pages.error} again={pages.refetch} />}
      {pages.isPending && <Skeleton height={80} m="sm" />}
      {rows?.length === 0 && <Teaching title={say("none")} />}
      {rows && rows.length > 0 && (
        <ScrollArea type="auto" {...FOCUSABLE}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("identifier")}</Table.Th>
                <Table.Th ta="right">{say("people")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("since")}</Table.Th>
                <Table.Th ta="right" visibleFrom="sm">
                  {say("parted")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((one) => (
                <Table.Tr key={one.identifier}>
                  <Table.Td maw={300}>
                    <Anchor
                      size="sm"
                      style={{ overflowWrap: "anywhere" }}
                      renderRoot={(props) => (
                        <Link
                          to="/customers/$id"
                          params={{ id: String(one.profile_id) }}
                          search={{ view: "identity" }}
                          {...props}
                        />
                      )}
                    >
                      {one.identifier}
                    </Anchor>
                  </Table.Td>
                  <Table.Td ta="right">
                    {say("linked", { count: one.linked, type: typeName(one.linked_type) })}
                    <Text size="xs" c="dimmed">
                      {say("most", { count: one.most })}
                    </Text>
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    <When at={one.since} />
                  </Table.Td>
                  <Table.Td ta="right" visibleFrom="sm">
                    {number(one.parted)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
      {pages.hasNextPage && (
        <Button
          variant="subtle"
          m="xs"
          loading={pages.isFetchingNextPage}
          onClick={() => pages.fetchNextPage()}
        >
          {say("more")}
        </Button>
      )}
    </Panel>
  );
}
