import { Box, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { PageHead } from "../../show/PageHead";
import { Refused } from "../../show/Refused";
import { oneSegment, type Segment } from "./asked";
import { Builder } from "./builder/Builder";
import type { Tree } from "./builder/tree";
import { useAddress } from "./builder/useAddress";
import { useRule } from "./builder/useRule";
import { ValuesBuilder } from "./values/ValuesBuilder";

export function EditSegment() {
  const say = useTranslations("segments");
  const { name } = useParams({ from: "/segments/$name/edit" });
  const segment = useQuery(oneSegment(name, useAsOf()));
  return (
    <Box p={{ base: "md", sm: "lg" }}>
      <PageHead title={say("edit", { name })} />
      {segment.isError && <Refused error={segment.error} again={segment.refetch} />}
      {segment.isPending && <Skeleton height={240} />}
      {segment.data && <Editing key={name} segment={segment.data.segment} />}
    </Box>
  );
}

function Editing({ segment }: { segment: Segment }) {
  const { values: draft } = useSearch({ from: "/segments/$name/edit" });
  const values = segment.values ?? [];
  if (values.length === 0) return <OneRule segment={segment} />;
  const begin = values.map((one) => ({ value: one.value, rule: one.written ?? one.text }));
  return <ValuesBuilder segment={segment} begin={begin} draft={draft} />;
}

function OneRule({ segment }: { segment: Segment }) {
  const saved = segment.text.trim();
  const { rule } = useSearch({ from: "/segments/$name/edit" });
  const ruling = useRule(rule ?? saved, rule ? null : (segment.rule as Tree), segment.name);
  useAddress("rule", ruling.text.trim() === saved ? undefined : ruling.text);
  return <Builder ruling={ruling} segment={segment} />;
}
