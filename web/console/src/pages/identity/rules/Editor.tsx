import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { Panel } from "../../../show/Panel";
import type { RulesHeld } from "../asked";
import classes from "../Identity.module.css";
import { Difference } from "./Difference";
import { useDraft } from "./draft";
import { faultOf, read, textOf } from "./text";

/** The rules as a text to write in; what differs; and asking what that would come to. */
export function Editor({ held }: { held: RulesHeld }) {
  const say = useTranslations("identity.rules");
  const id = useId();
  const asOf = useAsOf();
  const navigate = useNavigate({ from: "/identity/rules" });
  const { draft, setDraft } = useDraft();
  const before = textOf(held.rules);
  const text = draft?.text ?? before;
  const { rules, faults } = read(text);
  const planning = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/identity/plan", {
          params: { query: { wait: 0.5, as_of: asOf } },
          body: { rules: rules ?? {}, revert: false },
        }),
      ),
    onSuccess: ({ work_id }) => {
      setDraft({ text, planned: text });
      navigate({ search: { work: work_id } });
    },
  });
  const wrong = planning.error ? [faultOf(planning.error, text)] : faults;
  const changed = text !== before;
  return (
    <Panel title={say("text")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed" id={`${id}-how`}>
          {say("textHow")}
        </Text>
        <textarea
          className={classes.text}
          aria-label={say("text")}
          aria-describedby={`${id}-how ${id}-faults`}
          aria-invalid={wrong.length > 0}
          spellCheck={false}
          autoCapitalize="off"
          rows={20}
          value={text}
          onChange={(event) => {
            planning.reset();
            setDraft({ ...draft, text: event.currentTarget.value });
          }}
        />
        <Stack gap={4} id={`${id}-faults`} aria-live="polite">
          {wrong.map(({ line, message }) => (
            <Text key={`${line} ${message}`} size="xs" c="var(--mantine-color-red-light-color)">
              {line !== undefined && `${say("line", { line: String(line) })} `}
              {message}
            </Text>
          ))}
          {!rules && wrong.length === 0 && (
            <Alert color="orange" p="xs">
              {say("noRules")}
            </Alert>
          )}
        </Stack>
        {changed && <Difference before={before} after={text} />}
        <Group gap="xs">
          <Button
            size="sm"
            disabled={!changed || !rules}
            loading={planning.isPending}
            onClick={() => planning.mutate()}
          >
            {say("plan")}
          </Button>
          {changed && (
            <Button size="sm" variant="default" onClick={() => setDraft(null)}>
              {say("discard")}
            </Button>
          )}
        </Group>
      </Stack>
    </Panel>
  );
}
