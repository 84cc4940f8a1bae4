import { Badge, Button, Group, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { allMappings, readText, type Suggested } from "./asked";
import type { Draft } from "./useDraft";

/** What was handed in, and the mappings that it can begin with: one that holds, or a ready-made one. */
export function Beginnings({ suggested, draft }: { suggested: Suggested; draft: Draft }) {
  const say = useTranslations("imports.form");
  const { number, share } = useAmounts();
  const { mapping } = useSearch({ from: "/data/imports/new" });
  const there = useQuery(allMappings);
  const usable = (there.data?.data ?? []).filter(
    (one) => one.reads === "files" && one.makes === "messages",
  );
  const preset = useMutation({
    mutationFn: async (name: string) => {
      const found = await body(
        api.GET("/api/v1/mappings/presets/{name}", { params: { path: { name } } }),
      );
      return readText(found.definitions);
    },
    onSuccess: (read) => {
      setTaken(null);
      draft.begin(read.name, read.mapping);
    },
  });
  const [taken, setTaken] = useState<string | null>(null);
  const choose = (name: string | null) => {
    const held = usable.find((one) => one.name === name);
    if (!held) return;
    setTaken(held.name);
    draft.begin(held.name, held.body);
  };
  // The address can name the mapping to begin with; once it is known, it is taken.
  const asked = usable.some((one) => one.name === mapping);
  // biome-ignore lint/correctness/useExhaustiveDependencies: taken once, and then changed by hand
  useEffect(() => choose(mapping ?? null), [asked]);
  return (
    <Panel
      title={say("file")}
      aside={
        <Group gap={6}>
          <Badge color="gray">{suggested.format.toUpperCase()}</Badge>
          <Badge color="gray">{say("columnsCount", { count: suggested.columns.length })}</Badge>
        </Group>
      }
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {say("suggestedHow", { rows: number(suggested.rows) })}
        </Text>
        <Group gap="xs" align="flex-end">
          {usable.length > 0 && (
            <Select
              w={240}
              label={say("useMapping")}
              placeholder={say("suggested")}
              data={usable.map((one) => one.name)}
              value={taken}
              onChange={choose}
            />
          )}
          {suggested.presets.map((one) => (
            <Button
              key={one.name}
              variant="default"
              title={one.description}
              loading={preset.isPending && preset.variables === one.name}
              onClick={() => preset.mutate(one.name)}
            >
              {say("preset", { name: one.name, share: share(one.share) })}
            </Button>
          ))}
          <Button
            variant="subtle"
            onClick={() => {
              setTaken(null);
              draft.begin(suggested.name, suggested.mapping);
            }}
          >
            {say("anew")}
          </Button>
        </Group>
        {preset.isError && <Refused error={preset.error} />}
      </Stack>
    </Panel>
  );
}
