import { Group, MultiSelect, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Panel } from "../../../show/Panel";
import type { Suggested } from "./asked";
import { type Body, type Makes, makes, making, message } from "./mapping";
import type { Draft } from "./useDraft";

/** Whether rows tell what customers are or what they did, and which rows belong together. */
export function RowBecomes({ draft, suggested }: { draft: Draft; suggested: Suggested }) {
  const say = useTranslations("imports.form");
  const { body } = draft;
  const said = message(body);
  const kind = makes(body);
  const put = (change: Body) => draft.change({ ...body, message: { ...said, ...change } });
  const group = (columns: string[]) => {
    const { group_by: _before, ...rest } = body;
    draft.change(columns.length > 0 ? { ...rest, group_by: columns } : rest);
  };
  return (
    <Panel title={say("becomes")}>
      <Stack gap="sm">
        <SegmentedControl
          aria-label={say("becomes")}
          value={kind}
          onChange={(chosen) => draft.change(making(body, chosen as Makes))}
          data={(["identify", "track"] as const).map((value) => ({
            value,
            label: say(`makes.${value}`),
          }))}
        />
        <Text size="xs" c="dimmed">
          {say(`makesHow.${kind}`)}
        </Text>
        {kind === "track" && (
          <Group grow align="flex-start" gap="xs">
            <TextInput
              label={say("event")}
              description={say("eventHow", { braces: "{column}" })}
              value={typeof said.event === "string" ? said.event : ""}
              placeholder="Order Completed"
              onChange={(event) => put({ event: event.currentTarget.value })}
            />
            <MultiSelect
              label={say("together")}
              description={say("togetherHow")}
              data={suggested.columns.map(({ name }) => name)}
              value={(body.group_by as string[] | undefined) ?? []}
              onChange={group}
              clearable
            />
          </Group>
        )}
        <TextInput
          label={say("messageId")}
          description={say("messageIdHow")}
          placeholder="order-{order_id}"
          value={typeof said.message_id === "string" ? said.message_id : ""}
          onChange={(event) => {
            const { message_id: _before, ...rest } = said;
            const id = event.currentTarget.value;
            draft.change({ ...body, message: id ? { ...rest, message_id: id } : rest });
          }}
        />
      </Stack>
    </Panel>
  );
}
