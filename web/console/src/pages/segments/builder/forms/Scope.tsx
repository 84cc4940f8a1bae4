import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../../api/vocabulary";
import { Choice } from "../fields/Choice";
import type { Tree } from "../tree";

interface Props {
  rule: Tree;
  onChange: (rule: Tree) => void;
}

/** The brands that a condition is limited to, where there are several. */
export function Brands({ rule, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  const said = rule.on_brand;
  const chosen = Array.isArray(said) ? said.map(String) : said ? [String(said)] : [];
  const brands = [...new Set([...(data?.brands ?? []), ...chosen])];
  if (brands.length < 2 && chosen.length === 0) return null;
  return (
    <MultiSelect
      size="xs"
      aria-label={say("brands")}
      placeholder={chosen.length === 0 ? say("allBrands") : undefined}
      miw={120}
      data={brands}
      value={chosen}
      onChange={(names) => {
        const { on_brand: _before, ...rest } = rule;
        onChange(names.length === 0 ? rest : { ...rest, on_brand: names });
      }}
    />
  );
}

/** In which currency money is meant, where there are several. */
export function Currency({ rule, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  const currencies = data?.currencies ?? [];
  const said = rule.convert ?? rule.currency;
  if (currencies.length < 2 && !said) return null;
  const { currency: _currency, convert: _convert, ...rest } = rule;
  const value = rule.convert ? `to ${rule.convert}` : rule.currency ? `in ${rule.currency}` : "any";
  return (
    <Choice
      label={say("currency")}
      data={[
        { value: "any", label: say("anyCurrency") },
        ...currencies.flatMap((one) => [
          { value: `in ${one}`, label: say("inCurrency", { currency: one }) },
          { value: `to ${one}`, label: say("convertedTo", { currency: one }) },
        ]),
      ]}
      value={value}
      onChange={(chosen) => {
        const [how, currency = ""] = chosen.split(" ");
        if (how === "any") onChange(rest);
        else onChange(how === "to" ? { ...rest, convert: currency } : { ...rest, currency });
      }}
    />
  );
}
