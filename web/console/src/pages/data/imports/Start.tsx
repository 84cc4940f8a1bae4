import { Autocomplete, Button, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { vocabulary } from "../../../api/vocabulary";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { allMappings, allSources } from "./asked";
import type { Draft } from "./useDraft";

/** What the mapping and its source are called; saving it, and starting the import. */
export function Start({ draft, upload }: { draft: Draft; upload: string }) {
  const say = useTranslations("imports.start");
  const may = useMay("definitions:write");
  const cache = useQueryClient();
  const navigate = useNavigate();
  const sources = useQuery(allSources);
  const mappings = useQuery(allMappings);
  const source = String(draft.body.source ?? "");
  const fresh = sources.isSuccess && !sources.data.data.some((one) => one.name === source);
  const taken = mappings.data?.data.some((one) => one.name === draft.name) ?? false;
  const [brand, setBrand] = useState<string | null>(null);
  const starting = useMutation({
    mutationFn: async () => {
      if (fresh)
        await body(
          api.POST("/api/v1/sources", {
            body: { name: source, type: "file", trust: 100, brand: brand ?? "main" },
          }),
        );
      const path = { name: draft.name };
      await body(api.PUT("/api/v1/mappings/{name}", { params: { path }, body: draft.body }));
      return body(api.POST("/api/v1/imports", { body: { mapping: draft.name, upload } }));
    },
    onSuccess: ({ import_id }) => {
      for (const key of ["imports", "mappings", "sources", "vocabulary"])
        cache.invalidateQueries({ queryKey: [key] });
      navigate({ to: "/data/imports/$id", params: { id: import_id } });
    },
  });
  const ready = draft.settled && draft.error === null && draft.name !== "" && source !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) starting.mutate();
  };
  return (
    <Panel title={say("title")}>
      <form onSubmit={submit}>
        <Stack gap="xs">
          <TextInput
            label={say("name")}
            description={taken ? say("taken") : undefined}
            required
            value={draft.name}
            onChange={(event) => draft.rename(event.currentTarget.value.trim())}
          />
          <Autocomplete
            label={say("source")}
            description={fresh && source ? say("fresh", { source }) : say("sourceHow")}
            required
            data={(sources.data?.data ?? []).map((one) => one.name)}
            value={source}
            onChange={(name) => draft.change({ ...draft.body, source: name.trim() })}
          />
          {fresh && <Brand brand={brand} onChange={setBrand} />}
          {starting.error && <Wrong error={starting.error} />}
          <Button type="submit" size="sm" disabled={!ready || !may} loading={starting.isPending}>
            {say("go")}
          </Button>
          <Text size="xs" c="dimmed">
            {may ? say("twice") : say("mayNot")}
          </Text>
        </Stack>
      </form>
    </Panel>
  );
}

/** Whose customers they are, where there are several brands. */
function Brand({ brand, onChange }: { brand: string | null; onChange: (brand: string) => void }) {
  const say = useTranslations("imports.start");
  const { data } = useQuery(vocabulary);
  if (!data || data.brands.length < 2) return null;
  return (
    <Select
      label={say("brand")}
      data={data.brands}
      value={brand}
      onChange={(chosen) => chosen && onChange(chosen)}
    />
  );
}
