import { Box, Button, Group, Select, Skeleton, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { useMay } from "../../session/session";
import { PageHead } from "../../show/PageHead";
import { Refused } from "../../show/Refused";
import { SearchField } from "../../show/SearchField";
import { Teaching } from "../../show/Teaching";
import { allSegments, countedSegments, type Segment } from "./asked";
import { SegmentTable } from "./SegmentTable";

/** All segments: how many are in each, how that moved, who answers for it. */
export function Segments() {
  const say = useTranslations("segments");
  const navigate = useNavigate({ from: "/segments" });
  const wanted = useSearch({ from: "/segments" });
  const may = useMay("segments:write");
  const asOf = useAsOf();
  const segments = useQuery(allSegments(asOf));
  const counted = useQuery(countedSegments(asOf));
  const all = (counted.data ?? segments.data)?.data ?? [];
  const shown = all.filter((one) => matches(one, wanted));
  const create = may && (
    <Button
      leftSection={<IconPlus size={15} />}
      renderRoot={(props) => <Link to="/new-segment" {...props} />}
    >
      {say("new")}
    </Button>
  );
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")}>{create}</PageHead>
      {segments.isError && <Refused error={segments.error} again={segments.refetch} />}
      {counted.isError && !segments.isError && (
        <Refused error={counted.error} again={counted.refetch} />
      )}
      {segments.isPending && <Waiting />}
      {segments.data && all.length === 0 && (
        <Teaching
          title={say("none")}
          command={`patron segment put lapsed 'did not "Order Completed" in the last 60 days'`}
        >
          {say("noneHow")}
        </Teaching>
      )}
      {all.length > 0 && (
        <>
          <Group gap="xs" mb="md">
            <SearchField
              label={say("search")}
              value={wanted.search}
              onSearch={(search) =>
                navigate({ search: (before) => ({ ...before, search }), replace: true })
              }
            />
            {(["owner", "stage"] as const).map((field) => (
              <Chosen key={field} field={field} segments={all} />
            ))}
          </Group>
          {shown.length === 0 ? (
            <Teaching title={say("noMatch")}>{say("noMatchHow")}</Teaching>
          ) : (
            <SegmentTable segments={shown} />
          )}
        </>
      )}
    </Box>
  );
}

const FIELDS = { owner: "owner", stage: "journey_stage" } as const;

interface Wanted {
  search?: string;
  owner?: string;
  stage?: string;
}

/** Whether a segment is asked for: every word in its name, description or rule. */
export function matches(one: Segment, { search, owner, stage }: Wanted): boolean {
  const text = `${one.name} ${one.description ?? ""} ${one.text} ${one.owner ?? ""}`.toLowerCase();
  const words = (search ?? "").toLowerCase().split(/\s+/);
  return (
    words.every((word) => text.includes(word)) &&
    (owner === undefined || one.owner === owner) &&
    (stage === undefined || one.journey_stage === stage)
  );
}

/** Owners, or stages of the journey, where any are said. */
function Chosen({ field, segments }: { field: keyof typeof FIELDS; segments: Segment[] }) {
  const say = useTranslations("segments");
  const navigate = useNavigate({ from: "/segments" });
  const wanted = useSearch({ from: "/segments" });
  const there = [...new Set(segments.flatMap((one) => one[FIELDS[field]] ?? []))].sort();
  if (there.length === 0) return null;
  return (
    <Select
      w={170}
      clearable
      aria-label={say(`save.${field}`)}
      placeholder={say(`save.${field}`)}
      data={there}
      value={wanted[field] ?? null}
      onChange={(chosen) =>
        navigate({ search: (before) => ({ ...before, [field]: chosen ?? undefined }) })
      }
    />
  );
}

function Waiting() {
  return (
    <Stack gap="xs">
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} height={40} />
      ))}
    </Stack>
  );
}
