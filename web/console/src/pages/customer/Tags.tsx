import { Group, Pill, TagsInput, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { Panel } from "../../show/Panel";
import type { Profile } from "./customer";
import { useMayWrite, useWriting } from "./writing";

/** Tags: a list that people keep by hand, and that segments can ask for. */
export function Tags({ id, profile }: { id: string; profile: Profile }) {
  const say = useTranslations("customer");
  const may = useMayWrite();
  const value = profile.traits.tags?.value;
  const tags = Array.isArray(value) ? value.map(String) : [];
  const writing = useWriting(id, (change: { add: string[]; remove: string[] }) =>
    body(
      api.POST("/api/v1/profiles/{identifier}/tags", {
        params: { path: { identifier: id } },
        body: change,
      }),
    ),
  );
  const shown = writing.isPending
    ? [...tags.filter((tag) => !writing.variables.remove.includes(tag)), ...writing.variables.add]
    : tags;
  return (
    <Panel title={say("tags")}>
      {may ? (
        <TagsInput
          size="xs"
          aria-label={say("tags")}
          placeholder={shown.length === 0 ? say("addTag") : undefined}
          value={shown}
          onChange={(next) =>
            writing.mutate({
              add: next.filter((tag) => !tags.includes(tag)),
              remove: tags.filter((tag) => !next.includes(tag)),
            })
          }
        />
      ) : (
        <Group gap={4}>
          {tags.map((tag) => (
            <Pill key={tag}>{tag}</Pill>
          ))}
          {tags.length === 0 && (
            <Text size="sm" c="dimmed">
              {say("noTags")}
            </Text>
          )}
        </Group>
      )}
    </Panel>
  );
}
