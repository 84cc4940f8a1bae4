import { Alert, Button, CopyButton, Stack, Text, Textarea } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { Panel } from "../../../show/Panel";
import classes from "./imports.module.css";
import type { Draft } from "./useDraft";

/** The mapping as a definition file, which can be written in. */
export function TextForm({ draft }: { draft: Draft }) {
  const say = useTranslations("imports.form");
  const teaching = useTranslations("teaching");
  return (
    <Panel
      title={say("text")}
      aside={
        <CopyButton value={draft.text}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              size="compact-xs"
              h={24}
              onClick={copy}
              leftSection={copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
            >
              {copied ? teaching("copied") : teaching("copy")}
            </Button>
          )}
        </CopyButton>
      }
    >
      <Stack gap="xs">
        <Textarea
          className={classes.text}
          aria-label={say("text")}
          aria-invalid={draft.textError !== null}
          autosize
          minRows={6}
          maxRows={28}
          spellCheck={false}
          value={draft.text}
          onChange={(event) => draft.type(event.currentTarget.value)}
        />
        {draft.textError && (
          <Alert color="red" role="alert" p="xs">
            {draft.textError.message}
          </Alert>
        )}
        <Text size="xs" c="dimmed">
          {say("textHow")}
        </Text>
      </Stack>
    </Panel>
  );
}
