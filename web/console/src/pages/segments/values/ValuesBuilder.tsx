import { Button, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { skipToken, useQuery } from "@tanstack/react-query";
import { Fragment, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { previewed, type Segment } from "../asked";
import builder from "../builder/builder.module.css";
import { Drop } from "../builder/Drop";
import { Save } from "../builder/Save";
import { Total } from "../builder/Total";
import { type Draft, useAddress } from "../builder/useAddress";
import { People } from "../People";
import {
  type Case,
  doubled,
  everyHolder,
  moved,
  newCase,
  nudged,
  type Said,
  sameAs,
  written,
} from "./cases";
import { OneCase } from "./OneCase";
import { ValueChanges } from "./ValueChanges";

type Values = NonNullable<Draft["values"]>;

interface Props {
  /** What it begins with. */
  begin: Values;
  /** What was made of it before the page was left, if anything. */
  draft: Draft["values"];
  segment?: Segment;
}

/** Values in order, each with its rule: customers have the first one that holds. */
export function ValuesBuilder({ begin, draft, segment }: Props) {
  const say = useTranslations("segments.values");
  const [cases, setCases] = useState(() =>
    (draft ?? begin).map((one) => newCase(one.value, one.rule)),
  );
  useAddress("values", sameAs(cases, begin) ? undefined : written(cases));
  const put = (id: string, part: Partial<Case>) =>
    setCases((now) => now.map((one) => (one.id === id ? { ...one, ...part } : one)));
  const sizes = useSizes(cases);
  const alike = doubled(cases);
  const whole = cases.every(({ value, said }) => value.trim() && said.leading) && alike.size === 0;
  const values = cases.map(({ value, said }) => ({
    value: value.trim(),
    rule: said.leading as string,
  }));
  return (
    <div className={builder.columns}>
      <Panel title={say("title")}>
        <Text size="sm" c="dimmed" mb="xs">
          {say("how")}
        </Text>
        {cases.map((one, at) => (
          <Fragment key={one.id}>
            <Drop
              word={at === 0 ? "" : say("else")}
              carried="application/x-patron-value"
              onDrop={(id) => setCases(moved(cases, id, at))}
            />
            <OneCase
              one={one}
              number={at + 1}
              size={sizes.size(one.id)}
              total={sizes.preview.data?.total}
              doubled={alike.has(one.value.trim())}
              onValue={(value) => put(one.id, { value })}
              onSaid={(said: Said) => put(one.id, { said })}
              onNudge={(by) => setCases(nudged(cases, one.id, by))}
              onRemove={
                cases.length > 1
                  ? () => setCases(cases.filter(({ id }) => id !== one.id))
                  : undefined
              }
            />
          </Fragment>
        ))}
        <Drop
          word=""
          carried="application/x-patron-value"
          onDrop={(id) => setCases(moved(cases, id, cases.length))}
        />
        <Button
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => setCases([...cases, newCase("", "")])}
        >
          {say("add")}
        </Button>
      </Panel>
      <div className={builder.beside}>
        <Panel title={say("any")}>
          <AnyValue sizes={sizes} />
        </Panel>
        {segment && <ValueChanges segment={segment} cases={cases} size={sizes.size} />}
        <Save
          segment={segment}
          made={whole ? { values } : null}
          warned={cases.some(({ said }) => said.warned)}
        />
      </div>
    </div>
  );
}

/** How many have each value, all found at once. */
function useSizes(cases: Case[]) {
  const asOf = useAsOf();
  const { rule, paths } = useMemo(() => everyHolder(cases), [cases]);
  const key = JSON.stringify(rule);
  const [asked] = useDebouncedValue(key, 200);
  const preview = useQuery({
    ...previewed(JSON.parse(asked) ?? {}, asOf),
    ...(asked === "null" ? { queryFn: skipToken } : {}),
  });
  const settled = key === asked && rule !== null && !preview.isPlaceholderData;
  return {
    preview,
    settled,
    size: (id: string): number | undefined => {
      const path = paths.get(id);
      return settled && path !== undefined ? preview.data?.counts?.[path] : undefined;
    },
  };
}

function AnyValue({ sizes }: { sizes: ReturnType<typeof useSizes> }) {
  const say = useTranslations("segments.builder");
  const { preview, settled } = sizes;
  if (preview.isError) return <Refused error={preview.error} again={preview.refetch} />;
  const found = preview.data;
  if (!found)
    return (
      <Text size="sm" c="dimmed">
        {say("emptyHow")}
      </Text>
    );
  return (
    <Stack gap="xs" aria-live="polite" aria-busy={!settled}>
      <Total count={found.count} total={found.total} settled={settled} />
      {found.sample.length > 0 && <People people={found.sample} />}
    </Stack>
  );
}
