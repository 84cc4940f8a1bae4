import {
  Button,
  Group,
  Select,
  Skeleton,
  Stack,
  Switch,
  Table,
  TextInput,
  VisuallyHidden,
} from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTimeZone, useTranslations } from "use-intl";
import type { AuditSearch } from "../../../app/routes/settings";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { allTokens, everybody } from "../asked";
import { Closed } from "../Closed";
import { FILTERS } from "./actions";
import { record, wanted } from "./asked";
import { EntryRow } from "./EntryRow";

/** Who did what and when. */
export function Audit() {
  const say = useTranslations("settings.audit");
  const may = useMay("audit:read");
  const zone = useTimeZone() ?? "UTC";
  const asked = wanted(useSearch({ from: "/settings/audit" }), zone);
  const pages = useInfiniteQuery({
    ...record(asked),
    enabled: may,
    placeholderData: keepPreviousData,
  });
  if (!may) return <Closed needs="audit:read" />;
  const entries = pages.data?.pages.flatMap((page) => page.data);
  return (
    <Stack gap="md">
      <Filters />
      <Panel title={say("title")} flush aside={<Export asked={asked} />}>
        {pages.isError && <Refused error={pages.error} again={pages.refetch} />}
        {pages.isPending && <Skeleton height={300} m="md" />}
        {entries?.length === 0 && <Teaching title={say("none")}>{say("noneHow")}</Teaching>}
        {entries && entries.length > 0 && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th visibleFrom="sm">{say("when")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("who")}</Table.Th>
                <Table.Th>{say("what")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("outcome")}</Table.Th>
                <Table.Th>
                  <VisuallyHidden>{say("more")}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.map((one) => (
                <EntryRow key={one.audit_id} entry={one} />
              ))}
            </Table.Tbody>
          </Table>
        )}
        {pages.hasNextPage && (
          <Group p="sm">
            <Button
              variant="default"
              loading={pages.isFetchingNextPage}
              onClick={() => pages.fetchNextPage()}
            >
              {say("earlier")}
            </Button>
          </Group>
        )}
      </Panel>
    </Stack>
  );
}

/** What narrows the record. It stands in the address. */
function Filters() {
  const say = useTranslations("settings");
  const navigate = useNavigate({ from: "/settings/audit" });
  const search = useSearch({ from: "/settings/audit" });
  const may = useMay("people:write");
  const people = useQuery({ ...everybody, enabled: may }).data?.data ?? [];
  const tokens = useQuery({ ...allTokens, enabled: may }).data?.data ?? [];
  const names = new Set([
    ...people.map((one) => one.email),
    ...tokens.map((one) => one.name),
    ...(search.by ? [search.by] : []),
  ]);
  const actions = FILTERS.map(({ area, action }) => ({
    value: action,
    label: say(`audit.areas.${area}`),
  }));
  const { action } = search;
  if (action && !actions.some(({ value }) => value === action)) {
    actions.push({ value: action, label: action });
  }
  const narrow = (change: AuditSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }) });
  return (
    <Group gap="sm" align="center">
      <Select
        w={{ base: "100%", xs: 230 }}
        aria-label={say("audit.who")}
        placeholder={say("audit.anybody")}
        data={[...names]}
        value={search.by ?? null}
        onChange={(chosen) => narrow({ by: chosen ?? undefined })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": say("audit.anybody") }}
      />
      <Select
        w={{ base: "100%", xs: 200 }}
        aria-label={say("audit.what")}
        placeholder={say("audit.anything")}
        data={actions}
        value={search.action ?? null}
        onChange={(chosen) => narrow({ action: chosen ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": say("audit.anything") }}
      />
      <TextInput
        type="date"
        aria-label={say("audit.day")}
        value={search.day ?? ""}
        onChange={(event) => narrow({ day: event.currentTarget.value || undefined })}
      />
      <Switch
        label={say("audit.refusedOnly")}
        checked={search.refused ?? false}
        onChange={(event) => narrow({ refused: event.currentTarget.checked || undefined })}
      />
    </Group>
  );
}

function Export({ asked }: { asked: ReturnType<typeof wanted> }) {
  const say = useTranslations("settings.audit");
  const given = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return (
    <Button
      component="a"
      variant="default"
      leftSection={<IconDownload size={15} />}
      href={`/api/v1/audit/export?${new URLSearchParams(given)}`}
      download
    >
      {say("export")}
    </Button>
  );
}
