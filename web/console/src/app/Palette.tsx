import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, type SpotlightActionGroupData, spotlight } from "@mantine/spotlight";
import { IconSearch, IconUser } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { found } from "../pages/customers/found";
import { called } from "../show/called";
import { useAsOf } from "./AsOf";
import { PAGES } from "./pages";

const MOST = 8;

/** Ctrl-K: every page and every customer, found as one types. */
export function Palette() {
  const say = useTranslations();
  const navigate = useNavigate();
  const asOf = useAsOf();
  const [query, setQuery] = useState("");
  const [settled] = useDebouncedValue(query.trim(), 120);
  const customers = useQuery({
    ...found({ search: settled, as_of: asOf, limit: MOST }),
    enabled: settled !== "",
    placeholderData: keepPreviousData,
  });

  const pages = PAGES.filter((page) =>
    say(`pages.${page.name}`).toLowerCase().includes(query.trim().toLowerCase()),
  ).map(({ name, to, icon: Icon }) => ({
    id: name,
    label: say(`pages.${name}`),
    leftSection: <Icon size={17} stroke={1.7} />,
    onClick: () => navigate({ to }),
  }));
  const people = (settled === "" ? [] : (customers.data?.data ?? [])).map((customer) => ({
    id: String(customer.profile_id),
    label: called(customer) ?? say("customers.visitor", { id: String(customer.profile_id) }),
    leftSection: <IconUser size={17} stroke={1.7} />,
    onClick: () => navigate({ to: "/customers/$id", params: { id: String(customer.profile_id) } }),
  }));
  const groups: SpotlightActionGroupData[] = [
    { group: say("palette.pages"), actions: pages },
    { group: say("palette.customers"), actions: people },
  ].filter(({ actions }) => actions.length > 0);

  const first = pages[0] ?? people[0];
  /** Enter goes to the first that was found, unless the arrow keys chose another. */
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !first || query.trim() === "") return;
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
      nothingFound={customers.isFetching ? say("palette.searching") : say("palette.nothing")}
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
