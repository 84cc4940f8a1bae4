import {
  Badge,
  Box,
  Button,
  Group,
  SegmentedControl,
  Select,
  Skeleton,
  Table,
  Text,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { useAsOf } from "../../app/AsOf";
import type { CustomersSearch, Kind } from "../../app/routes/customers";
import { called } from "../../show/called";
import { PageHead } from "../../show/PageHead";
import { Refused } from "../../show/Refused";
import { SearchField } from "../../show/SearchField";
import { Teaching } from "../../show/Teaching";
import { useTypeName } from "../../show/types";
import { When } from "../../show/When";
import classes from "./Customers.module.css";
import { type Listed, useCustomers } from "./found";

const FIRST_EVENT = `curl -u WRITE_KEY: ${window.location.origin}/v1/identify \\
  -d '{"userId": "ann", "traits": {"name": "Ann", "email": "ann@example.com"}}'`;

/** Everybody, found as one types. */
export function Customers() {
  const say = useTranslations("customers");
  const wanted = useSearch({ from: "/customers" });
  const customers = useCustomers({ ...wanted, as_of: useAsOf() });
  const narrowed = Boolean(wanted.search || wanted.segment || wanted.kind);

  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} />
      <Narrow wanted={wanted} />
      {customers.error && <Refused error={customers.error} again={customers.again} />}
      {customers.rows?.length === 0 && !customers.looking && (
        <Teaching
          title={narrowed ? say("none") : say("empty")}
          command={narrowed ? undefined : FIRST_EVENT}
          first={!narrowed}
        >
          {narrowed ? say("noneHow") : say("emptyHow")}
        </Teaching>
      )}
      {!customers.rows && !customers.error && <Skeleton height={420} />}
      {customers.rows && customers.rows.length > 0 && <Rows rows={customers.rows} />}
      <Group mt="sm" gap="sm" aria-live="polite">
        {customers.looking && (
          <Text size="sm" c="dimmed">
            {say("searchingInside")}
          </Text>
        )}
        {customers.more && (
          <Button variant="default" onClick={customers.more}>
            {say("more")}
          </Button>
        )}
      </Group>
    </Box>
  );
}

/** What narrows the list. It stands in the address, so that a list can be sent on and gone back to. */
function Narrow({ wanted }: { wanted: CustomersSearch }) {
  const say = useTranslations("customers");
  const navigate = useNavigate({ from: "/customers" });
  const segments = useQuery({
    queryKey: ["segments"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/segments", { signal })),
    staleTime: 60_000,
  });
  const narrow = (change: CustomersSearch, replace = false) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace });

  return (
    <Group mb="md" gap="sm">
      <SearchField
        label={say("placeholder")}
        value={wanted.search}
        onSearch={(search) => narrow({ search }, true)}
      />
      <Select
        w={{ base: "100%", xs: 220 }}
        aria-label={say("segment")}
        placeholder={say("anySegment")}
        data={(segments.data?.data ?? []).map((one) => one.name)}
        value={wanted.segment ?? null}
        onChange={(segment) => narrow({ segment: segment ?? undefined })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": say("anySegment") }}
      />
      <SegmentedControl
        aria-label={say("kind")}
        value={wanted.kind ?? "all"}
        onChange={(kind) => narrow({ kind: kind === "all" ? undefined : (kind as Kind) })}
        data={(["all", "known", "anonymous"] as const).map((value) => ({
          value,
          label: say(value),
        }))}
      />
    </Group>
  );
}

function Rows({ rows }: { rows: Listed[] }) {
  const say = useTranslations("customers");
  const typeName = useTypeName();
  return (
    <Table className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say("customer")}</Table.Th>
          <Table.Th visibleFrom="sm">{say("identifiers")}</Table.Th>
          <Table.Th>{say("kind")}</Table.Th>
          <Table.Th visibleFrom="xs">{say("since")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((one) => (
          <Table.Tr key={one.profile_id}>
            <Table.Td>
              <Link
                to="/customers/$id"
                params={{ id: String(one.profile_id) }}
                className={classes.link}
              >
                {called(one) ?? say("visitor", { id: String(one.profile_id) })}
              </Link>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Text size="sm" c="dimmed" lineClamp={1}>
                {Object.entries(one.identifiers)
                  .map(([type, values]) => `${typeName(type)} ${values.join(", ")}`)
                  .join(" · ")}
              </Text>
            </Table.Td>
            <Table.Td>
              <Badge color={one.known ? "indigo" : "gray"}>
                {one.known ? say("known") : say("anonymous")}
              </Badge>
            </Table.Td>
            <Table.Td visibleFrom="xs">
              <When at={one.first_seen_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
