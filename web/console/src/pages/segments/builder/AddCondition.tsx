import { Button, Combobox, ScrollArea, Text, useCombobox } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../api/vocabulary";
import { type Offer, useOffers } from "./offers";
import type { Tree } from "./tree";

const MOST = 40;

type Offered = ReturnType<typeof useOffers>;

/** What holds all the words, in any order. */
function found(offered: Offered, search: string): Offered {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return offered.map(({ label, offers }) => ({
    label,
    offers: offers.filter((one) => {
      const text = `${label} ${one.label} ${one.about ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }),
  }));
}

/** Adds a condition to a group: what it is about is found by typing. */
export function AddCondition({ to, onAdd }: { to: string; onAdd: (rule: Tree) => void }) {
  const say = useTranslations("segments.builder");
  const { isLoading, data: known } = useQuery(vocabulary);
  const [search, setSearch] = useState("");
  const offers = useOffers();
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setSearch("");
    },
  });
  const matching = useMemo(() => found(offers, search), [offers, search]);
  const all = new Map<string, Offer>(
    matching.flatMap(({ offers: inside }) => inside).map((one) => [one.id, one]),
  );
  // Once they are shown: one may have typed before what there is had come from the server.
  const { dropdownOpened, selectFirstOption } = combobox;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each other list has another first
  useEffect(() => {
    if (dropdownOpened && search !== "") selectFirstOption();
  }, [dropdownOpened, selectFirstOption, search, known]);
  return (
    <Combobox
      store={combobox}
      width={360}
      position="bottom-start"
      withinPortal
      onOptionSubmit={(id) => {
        const offer = all.get(id);
        combobox.closeDropdown();
        if (offer) onAdd(offer.rule());
      }}
    >
      <Combobox.Target targetType="button">
        <Button
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          data-add={to}
          onClick={() => combobox.toggleDropdown()}
        >
          {say("addCondition")}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder={say("addHow")}
          aria-label={say("addHow")}
        />
        <Combobox.Options aria-label={say("addCondition")}>
          <ScrollArea.Autosize mah={340} type="scroll">
            <Options matching={matching} />
            {all.size === 0 && (
              <Combobox.Empty>{say(isLoading ? "loading" : "nothingSuch")}</Combobox.Empty>
            )}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Drawn anew only when others match: there may be hundreds. */
const Options = memo(function Options({ matching }: { matching: Offered }) {
  return matching
    .filter(({ offers }) => offers.length > 0)
    .map(({ label, offers }) => (
      <Combobox.Group key={label} label={label}>
        {offers.slice(0, MOST).map((one) => (
          <Combobox.Option key={one.id} value={one.id}>
            <Text size="sm" span>
              {one.label}
            </Text>
            {one.about && (
              <Text size="xs" c="dimmed" span ml={8}>
                {one.about}
              </Text>
            )}
          </Combobox.Option>
        ))}
      </Combobox.Group>
    ));
});
