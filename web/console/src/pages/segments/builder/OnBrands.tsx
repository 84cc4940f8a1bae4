import { Group, MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../api/vocabulary";
import { Choice } from "./fields/Choice";
import { Whole } from "./fields/Span";
import type { Brands } from "./tree";

/** For how many brands a group of conditions holds, asked of each brand alone. */
export function OnBrands({
  brands,
  onChange,
}: {
  brands: Brands;
  onChange: (brands: Brands) => void;
}) {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  return (
    <Group gap={6}>
      <span>{say("onBrands")}</span>
      <Choice
        label={say("operator")}
        data={([">=", "<=", "="] as const).map((op) => ({
          value: op,
          label: say(`inPeriods.${op === ">=" ? "least" : op === "<=" ? "most" : "exactly"}`),
        }))}
        value={brands.op}
        onChange={(op) => onChange({ ...brands, op })}
      />
      <Whole
        label={say("value")}
        min={0}
        value={brands.value}
        onChange={(value) => onChange({ ...brands, value })}
      />
      <MultiSelect
        size="xs"
        aria-label={say("brands")}
        placeholder={brands.of.length === 0 ? say("allBrands") : undefined}
        miw={120}
        data={[...new Set([...(data?.brands ?? []), ...brands.of])]}
        value={brands.of}
        onChange={(of) => onChange({ ...brands, of })}
      />
    </Group>
  );
}
