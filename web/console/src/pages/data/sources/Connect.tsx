import { Group, Select, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Command } from "../../../show/Teaching";
import { type SnippetWishes, type Source, snippetOf } from "./asked";
import { useNewKey } from "./newKey";
import { NAMES, NO_KEY, SENDERS, type Sender, settingsOf } from "./senders";

/** What to paste where, so that something comes in. */
export function Connect({ source }: { source: Source }) {
  const say = useTranslations("sources");
  const wanted = useSearch({ from: "/data/sources/$name" }).with;
  const navigate = useNavigate({ from: "/data/sources/$name" });
  const sender = SENDERS.find((one) => one === wanted) ?? (source.type === "web" ? "page" : "curl");
  const key = useNewKey(source.name)?.writeKey ?? NO_KEY;
  const called = (one: Sender) => (one === "page" || one === "curl" ? say(one) : NAMES[one]);
  return (
    <Panel title={say("connect")}>
      <Stack gap="sm">
        <Select
          aria-label={say("connectWith")}
          allowDeselect={false}
          data={SENDERS.map((value) => ({ value, label: called(value) }))}
          value={sender}
          onChange={(chosen) =>
            navigate({ search: (before) => ({ ...before, with: chosen ?? undefined }) })
          }
        />
        {sender === "page" ? (
          <ForPages name={source.name} writeKey={key} />
        ) : (
          <Command text={settingsOf(sender, window.location.origin, key)} />
        )}
        <Text size="xs" c="dimmed">
          {key === NO_KEY ? say("keyMissing", { placeholder: NO_KEY }) : say("keyIn")}{" "}
          {say("reach", { url: window.location.origin })}
        </Text>
      </Stack>
    </Panel>
  );
}

function ForPages({ name, writeKey }: { name: string; writeKey: string }) {
  const say = useTranslations("sources");
  const [wishes, setWishes] = useState<SnippetWishes>({
    latest: false,
    undecided: "hold",
    data_layer: false,
  });
  const found = useQuery(snippetOf(name, wishes));
  return (
    <>
      <Text size="sm">{say("pageHow")}</Text>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={180} />}
      {found.data && <Command text={found.data.snippet.replaceAll(NO_KEY, writeKey)} />}
      <Group gap="lg" align="flex-end">
        <Select
          label={say("undecided")}
          allowDeselect={false}
          data={(["hold", "drop", "send"] as const).map((value) => ({
            value,
            label: say(`undecidedIs.${value}`),
          }))}
          value={wishes.undecided}
          onChange={(chosen) =>
            setWishes({ ...wishes, undecided: chosen as SnippetWishes["undecided"] })
          }
        />
        <Stack gap={6}>
          <Switch
            label={say("dataLayer")}
            checked={wishes.data_layer}
            onChange={(event) => setWishes({ ...wishes, data_layer: event.currentTarget.checked })}
          />
          <Switch
            label={say("latest")}
            checked={wishes.latest}
            onChange={(event) => setWishes({ ...wishes, latest: event.currentTarget.checked })}
          />
        </Stack>
      </Group>
    </>
  );
}
