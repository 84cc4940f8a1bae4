import { Alert, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { allSources } from "../imports/asked";
import { inferred, useSaving } from "./asked";

/** Where there is no plan: one is made of what came in. */
export function FirstPlan() {
  const say = useTranslations("plan.first");
  const mayRead = useMay("messages:read");
  const mayWrite = useMay("definitions:write");
  const cache = useQueryClient();
  const sources = useQuery(allSources);
  const [name, setName] = useState("shop");
  const [source, setSource] = useState<string | null>(null);
  const saving = useSaving();
  const making = useMutation({
    mutationFn: async () => {
      const body = await cache.fetchQuery(inferred(source ?? undefined));
      await saving.mutateAsync({ name, body });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  const may = mayRead && mayWrite;
  return (
    <Panel title={say("title")}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed" maw={720}>
            {say("how")}
          </Text>
          <Group gap="xs" align="flex-end">
            <TextInput
              label={say("name")}
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value.trim())}
            />
            <Select
              label={say("source")}
              placeholder={say("all")}
              data={(sources.data?.data ?? []).map((one) => one.name)}
              value={source}
              onChange={setSource}
              clearable
            />
            <Button
              type="submit"
              size="sm"
              disabled={!may || name === ""}
              loading={making.isPending}
            >
              {say("make")}
            </Button>
          </Group>
          {!may && <Alert color="gray">{say("mayNot")}</Alert>}
          {making.error && <Wrong error={making.error} />}
        </Stack>
      </form>
    </Panel>
  );
}
