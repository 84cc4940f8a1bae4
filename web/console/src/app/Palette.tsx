import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, type SpotlightActionGroupData, spotlight } from "@mantine/spotlight";
import { IconChartCircles, IconPlugConnected, IconSearch, IconUser } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { found } from "../pages/customers/found";
import { allSources } from "../pages/data/sources/asked";
import { segmentNames } from "../pages/segments/asked";
import { called } from "../show/called";
import { useAsOf } from "./AsOf";
import { usePlaces } from "./places";

const MOST = 8;
const SIZE = { size: 17, stroke: 1.7 };

/** Ctrl-K: every page, customer, segment and source, found as one types. */
export function Palette() {
  const say = useTranslations();
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const places = usePlaces().filter(({ label }) => label.toLowerCase().includes(wanted));
  const { customers, searching } = useCustomers(query.trim());
  const { segments, sources } = useNamed(wanted);
  const groups: SpotlightActionGroupData[] = [
    { group: say("palette.pages"), actions: places },
    { group: say("palette.customers"), actions: customers },
    { group: say("pages.segments"), actions: segments },
    { group: say("data.tabs.sources"), actions: sources },
  ].filter(({ actions }) => actions.length > 0);

  const first = places[0] ?? customers[0] ?? segments[0] ?? sources[0];
  /** Enter goes to the first that was found, unless the arrow keys chose another. */
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !first || wanted === "") return;
    if (document.querySelector("[data-selected]")) return;
    first.onClick();
    spotlight.close();
  };

  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      filter={(_query, actions) => actions}
      shortcut={["mod + K"]}
      // Also from a field: a search has the focus on some pages, and this one's while it closes.
      tagsToIgnore={[]}
      nothingFound={searching ? say("palette.searching") : say("palette.nothing")}
      highlightQuery={false}
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={17} />,
        placeholder: say("palette.placeholder"),
        "aria-label": say("palette.placeholder"),
        onKeyDown: enter,
      }}
    />
  );
}

/** Customers that are called so, or known by it. */
function useCustomers(query: string) {
  const say = useTranslations("customers");
  const navigate = useNavigate();
  const asOf = useAsOf();
  const [settled] = useDebouncedValue(query, 120);
  const asked = useQuery({
    ...found({ search: settled, as_of: asOf, limit: MOST }),
    enabled: settled !== "",
    placeholderData: keepPreviousData,
  });
  const rows = settled === "" ? [] : (asked.data?.data ?? []);
  const customers = rows.map((customer) => {
    const id = String(customer.profile_id);
    return {
      id: `customer-${id}`,
      label: called(customer) ?? say("visitor", { id }),
      leftSection: <IconUser {...SIZE} />,
      onClick: () => navigate({ to: "/customers/$id", params: { id } }),
    };
  });
  return { customers, searching: asked.isFetching };
}

/** Segments and sources that have it in their names. */
function useNamed(wanted: string) {
  const navigate = useNavigate();
  const enabled = wanted !== "";
  const segments = useQuery({ ...segmentNames, enabled }).data?.data ?? [];
  const sources = useQuery({ ...allSources, enabled, refetchInterval: false }).data?.data ?? [];
  const named = <One extends { name: string }>(all: One[]) =>
    enabled ? all.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, MOST) : [];
  return {
    segments: named(segments).map(({ name }) => ({
      id: `segment-${name}`,
      label: name,
      leftSection: <IconChartCircles {...SIZE} />,
      onClick: () => navigate({ to: "/segments/$name", params: { name } }),
    })),
    sources: named(sources).map(({ name }) => ({
      id: `source-${name}`,
      label: name,
      leftSection: <IconPlugConnected {...SIZE} />,
      onClick: () => navigate({ to: "/data/sources/$name", params: { name } }),
    })),
  };
}
