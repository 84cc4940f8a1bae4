import { Alert, Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useTold } from "../../../language/told";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Foreign } from "../../../show/Foreign";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { allMappings } from "../imports/asked";
import { DropFile } from "../imports/DropFile";
import type { Upload } from "../imports/upload";

type Import = Schema["CatalogueImport"];
type Taken = Schema["patron__api__entities__Taken"];

/** Taking a catalogue in: a Google Merchant feed, or a file by a mapping that makes entities. */
export function TakeIn({ kind }: { kind: string }) {
  const say = useTranslations("catalogue.taking");
  const mayImport = useMay("data:write");
  const cache = useQueryClient();
  const mappings = useQuery(allMappings);
  const usable = (mappings.data?.data ?? []).filter((one) => one.makes === "entities");
  const [mapping, setMapping] = useState<string | null>(null);
  const [complete, setComplete] = useState(false);
  const [address, setAddress] = useState("");
  const [source, setSource] = useState("feed");
  const taking = useMutation({
    mutationFn: (said: Pick<Import, "path" | "upload">) =>
      body(
        api.POST("/api/v1/catalogue/imports", {
          body: { ...said, complete, ...(said.upload && mapping ? { mapping } : { source }) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["catalogue"] }),
  });
  const dropped = ({ upload }: Upload) => taking.mutate({ upload });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    taking.mutate({ path: address.trim() });
  };
  if (!mayImport) return <Alert color="gray">{say("mayNot")}</Alert>;
  return (
    <Panel title={say("title")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed" maw={760}>
          {say("how", { kind })}
        </Text>
        <Group gap="md" align="flex-end">
          <Select
            w={260}
            label={say("mapping")}
            placeholder={say("feed")}
            data={usable.map((one) => ({ value: one.name, label: `${one.name} (${one.kind})` }))}
            value={mapping}
            onChange={setMapping}
            clearable
          />
          {!mapping && (
            <TextInput
              label={say("source")}
              required
              value={source}
              onChange={(event) => setSource(event.currentTarget.value.trim())}
            />
          )}
          <Checkbox
            mb={8}
            label={say("complete")}
            checked={complete}
            onChange={(event) => setComplete(event.currentTarget.checked)}
          />
        </Group>
        <DropFile
          accept={mapping ? ".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.pq,.gz" : ".xml"}
          about={mapping ? say("dropMapped", { mapping }) : say("dropFeed")}
          onUploaded={dropped}
        />
        {!mapping && (
          <form onSubmit={submit}>
            <Group gap="xs" align="flex-end">
              <TextInput
                flex={1}
                miw={220}
                type="url"
                label={say("address")}
                placeholder="https://shop.example/feed.xml"
                value={address}
                onChange={(event) => setAddress(event.currentTarget.value)}
              />
              <Button
                type="submit"
                variant="default"
                disabled={!address.trim() || !source}
                loading={taking.isPending}
              >
                {say("pull")}
              </Button>
            </Group>
          </form>
        )}
        {taking.isPending && (
          <Text size="sm" c="dimmed" role="status">
            {say("working")}
          </Text>
        )}
        {taking.error && <Wrong error={taking.error} />}
        {taking.data && <Result taken={taking.data} />}
      </Stack>
    </Panel>
  );
}

function Result({ taken }: { taken: Taken }) {
  const say = useTranslations("catalogue.taking");
  const { number } = useAmounts();
  const { told } = useTold();
  return (
    <Alert
      color={taken.refused > 0 ? "orange" : "teal"}
      role="status"
      title={say("done", {
        stored: number(taken.stored),
        unchanged: number(taken.unchanged),
      })}
    >
      {taken.removed > 0 && (
        <Text size="sm">{say("removed", { count: number(taken.removed) })}</Text>
      )}
      {taken.refused > 0 && (
        <Text size="sm">{say("refused", { count: number(taken.refused) })}</Text>
      )}
      {taken.reasons.slice(0, 10).map((one) => (
        <Text size="xs" key={one.item}>
          {say("item", { item: number(one.item) })} {one.entity_id} {one.field}:{" "}
          <Foreign said={told({ message: one.reason })} />
        </Text>
      ))}
    </Alert>
  );
}
