import { MultiSelect, Skeleton, Stack, Text } from "@mantine/core";
import { keepPreviousData, skipToken, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { allSegments, type Segment } from "../asked";
import { OverlapPicture } from "./OverlapPicture";

const MOST = 8;

/** Which customers several segments share, as a picture. */
export function Overlap({ segment }: { segment: Segment }) {
  const say = useTranslations("segments.overlap");
  const navigate = useNavigate({ from: "/segments/$name" });
  const chosen = useSearch({ from: "/segments/$name" }).with;
  const asOf = useAsOf();
  const { name } = segment;
  const all = useQuery(allSegments(asOf));
  const others = (all.data?.data ?? []).filter((one) => one.name !== name);
  // Unless others are chosen: the first two that not everybody is in, as with values they are.
  const parts = others.filter((one) => !one.values?.length).slice(0, 2);
  const beside = chosen ?? parts.map((one) => one.name);
  const names = [name, ...beside];
  const found = useQuery({
    queryKey: ["segments", "overlap", names, asOf],
    queryFn:
      names.length < 2
        ? skipToken
        : ({ signal }) =>
            body(
              api.POST("/api/v1/segments/overlap", {
                params: { query: { as_of: asOf, regions: 24 } },
                body: { segments: names },
                signal,
              }),
            ),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={say("title")}>
      <Stack gap="md">
        <MultiSelect
          label={say("with")}
          searchable
          maxValues={MOST - 1}
          data={others.map((one) => one.name)}
          value={beside}
          onChange={(next) => navigate({ search: (before) => ({ ...before, with: next }) })}
          maw={720}
        />
        {found.isError && <Refused error={found.error} again={found.refetch} />}
        {names.length < 2 && all.data && (
          <Text size="sm" c="dimmed">
            {say("alone")}
          </Text>
        )}
        {names.length >= 2 && found.isPending && <Skeleton height={260} />}
        {names.length >= 2 && found.data && <OverlapPicture found={found.data} />}
      </Stack>
    </Panel>
  );
}
