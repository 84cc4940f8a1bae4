import { Alert, Code, Stack, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Panel } from "../../../show/Panel";
import type { Suggested } from "./asked";
import { Beginnings } from "./Beginnings";
import { Columns } from "./Columns";
import classes from "./imports.module.css";
import { expressions } from "./mapping";
import { RowBecomes } from "./RowBecomes";
import { Start } from "./Start";
import { TextForm } from "./TextForm";
import { Trial } from "./Trial";
import { type Draft, useDraft } from "./useDraft";

/** What a file means: a form on the left, what comes of it on the right. */
export function Mapping({ upload, suggested }: { upload: string; suggested: Suggested }) {
  const say = useTranslations("imports.form");
  const draft = useDraft(upload, suggested);
  return (
    <div className={classes.columns}>
      <div className={classes.side}>
        <Beginnings suggested={suggested} draft={draft} />
        {suggested.notes.length > 0 && (
          <Alert color="orange" title={say("look")}>
            {suggested.notes.map((note) => (
              <Text size="sm" key={note}>
                {note}
              </Text>
            ))}
          </Alert>
        )}
        <RowBecomes draft={draft} suggested={suggested} />
        <Columns draft={draft} suggested={suggested} />
        <Expressions draft={draft} />
      </div>
      <div className={classes.side}>
        <Trial draft={draft} />
        <Start draft={draft} upload={upload} />
        <TextForm draft={draft} />
      </div>
    </div>
  );
}

/** What sums, templates and SQL make; it can be changed in the text. */
function Expressions({ draft }: { draft: Draft }) {
  const say = useTranslations("imports.form");
  const made = expressions(draft.body);
  if (made.length === 0) return null;
  return (
    <Panel title={say("expressions")}>
      <Stack gap={6}>
        {made.map((one) => (
          <Text size="sm" key={`${one.as} ${one.name}`}>
            {say(`meanings.${one.as}`)} <b>{one.name}</b> = <Code>{JSON.stringify(one.value)}</Code>
          </Text>
        ))}
        <Text size="xs" c="dimmed">
          {say("expressionsHow")}
        </Text>
      </Stack>
    </Panel>
  );
}
