import { Button, Group, Skeleton, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconHelp } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { useTypeName } from "../../../show/types";
import type { Segment } from "../asked";
import { type Person, PersonLink } from "../People";
import { Why } from "./Why";

const PAGE = 50;

/** Who is in it; why anybody is in it or not. */
export function Members({ segment }: { segment: Segment }) {
  const say = useTranslations("segments");
  const typeName = useTypeName();
  const navigate = useNavigate({ from: "/segments/$name" });
  const { why } = useSearch({ from: "/segments/$name" });
  const may = useMay("profiles:read");
  const asOf = useAsOf();
  const { name } = segment;
  const members = useInfiniteQuery({
    queryKey: ["segments", "members", name, asOf],
    enabled: may,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/segments/{name}/members", {
          params: { path: { name }, query: { as_of: asOf, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const explain = (profile: string | undefined) =>
    navigate({ search: (before) => ({ ...before, why: profile || undefined }) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    explain(String(new FormData(event.currentTarget).get("profile") ?? "").trim());
  };
  const people = members.data?.pages.flatMap((page) => page.data as unknown as Person[]) ?? [];
  if (!may) return <Text c="dimmed">{say("why.mayNot")}</Text>;
  return (
    <Stack gap="md">
      <Panel title={say("why.title")}>
        <form onSubmit={submit} key={why}>
          <Group gap="xs" align="flex-end">
            <TextInput
              name="profile"
              flex={1}
              maw={420}
              label={say("why.who")}
              placeholder="email:ann@example.com"
              defaultValue={why}
            />
            <Button type="submit" variant="default">
              {say("why.ask")}
            </Button>
          </Group>
        </form>
        {why && <Why name={name} profile={why} />}
      </Panel>
      <Panel title={say("views.members")} flush>
        {members.isError && <Refused error={members.error} again={members.refetch} />}
        {members.isPending && <Skeleton height={200} m="md" />}
        {members.data && people.length === 0 && (
          <Text size="sm" c="dimmed" p="md">
            {say("why.nobody")}
          </Text>
        )}
        {people.length > 0 && (
          <Table>
            <Table.Tbody>
              {people.map((one) => (
                <Table.Tr key={one.profile_id}>
                  <Table.Td>
                    <PersonLink person={one} />
                  </Table.Td>
                  <Table.Td visibleFrom="sm" c="dimmed" fz="xs">
                    {Object.keys(one.identifiers).map(typeName).join(", ")}
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button
                      variant="subtle"
                      color="gray"
                      size="compact-xs"
                      h={24}
                      leftSection={<IconHelp size={14} />}
                      onClick={() => {
                        explain(String(one.profile_id));
                        window.scrollTo({ top: 0 });
                      }}
                    >
                      {say("why.button")}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {members.hasNextPage && (
          <Group p="sm">
            <Button
              variant="default"
              loading={members.isFetchingNextPage}
              onClick={() => members.fetchNextPage()}
            >
              {say("why.more")}
            </Button>
          </Group>
        )}
      </Panel>
    </Stack>
  );
}
