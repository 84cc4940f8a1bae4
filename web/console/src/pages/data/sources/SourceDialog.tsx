import { Autocomplete, Button, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, body, Problem } from "../../../api/client";
import { useTold } from "../../../language/told";
import { Dialog } from "../../../show/Dialog";
import { Wrong } from "../../../show/Refused";
import { allSources, KINDS, type Source, type SourceKind } from "./asked";
import { useKeepNewKey } from "./newKey";

interface SourceDialogProps {
  /** The one to change; a new one without. */
  source?: Source;
  onClose: () => void;
}

/** Declare a source, or change what it is. */
export function SourceDialog({ source, onClose }: SourceDialogProps) {
  const say = useTranslations("sources");
  const navigate = useNavigate();
  const cache = useQueryClient();
  const keep = useKeepNewKey();
  const { data } = useQuery(allSources);
  const [draft, setDraft] = useState({
    name: source?.name ?? "",
    brand: source?.brand ?? "main",
    type: (source?.type ?? "web") as SourceKind,
    trust: source?.trust ?? 100,
    channel: source && source.channel !== source.type ? source.channel : "",
    description: source?.description ?? "",
  });
  const put = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const taken = !source && data?.data.some(({ name }) => name === draft.name);
  const save = useMutation({
    mutationFn: () => {
      const { name, ...said } = draft;
      const whole = {
        ...said,
        channel: said.channel || null,
        description: said.description || null,
      };
      return source
        ? body(api.PUT("/api/v1/sources/{name}", { params: { path: { name } }, body: whole }))
        : body(api.POST("/api/v1/sources", { body: { name, ...whole } }));
    },
    onSuccess: ({ name, write_key }) => {
      cache.invalidateQueries({ queryKey: ["sources"] });
      if (write_key) keep(name, { writeKey: write_key });
      onClose();
      if (!source) navigate({ to: "/data/sources/$name", params: { name } });
    },
  });
  const wrong = save.error instanceof Problem ? save.error : null;
  const { refusal } = useTold();
  const about = (field: string) => wrong?.field === field && refusal(wrong).title;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!taken) save.mutate();
  };
  const brands = [...new Set((data?.data ?? []).map(({ brand }) => brand))].sort();
  return (
    <Dialog title={source ? say("changeOne", { name: source.name }) : say("new")} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={say("name")}
            description={say("nameHow")}
            required
            disabled={source !== undefined}
            placeholder="shop"
            value={draft.name}
            onChange={(event) => put({ name: event.currentTarget.value.trim() })}
            error={taken ? say("taken") : about("name")}
            data-autofocus
          />
          <Select
            label={say("kind")}
            description={say("kindHow")}
            allowDeselect={false}
            data={KINDS.map((value) => ({ value, label: say(`kinds.${value}`) }))}
            value={draft.type}
            onChange={(type) => put({ type: (type ?? "web") as SourceKind })}
          />
          <Autocomplete
            label={say("brand")}
            description={say("brandHow")}
            required
            data={brands}
            value={draft.brand}
            onChange={(brand) => put({ brand })}
            error={about("brand")}
          />
          <NumberInput
            label={say("trust")}
            description={say("trustHow")}
            min={1}
            max={1000}
            value={draft.trust}
            onChange={(trust) => put({ trust: Number(trust) || 100 })}
            error={about("trust")}
            hideControls
          />
          <TextInput
            label={say("channel")}
            description={say("channelHow")}
            placeholder={draft.type}
            value={draft.channel}
            onChange={(event) => put({ channel: event.currentTarget.value.trim() })}
            error={about("channel")}
          />
          <TextInput
            label={say("description")}
            value={draft.description}
            onChange={(event) => put({ description: event.currentTarget.value })}
          />
          {save.error && <Wrong error={save.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {say("cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!draft.name || taken}>
              {say(source ? "save" : "make")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
