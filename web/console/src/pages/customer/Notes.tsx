import { ActionIcon, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { Panel } from "../../show/Panel";
import { When } from "../../show/When";
import classes from "./Customer.module.css";
import type { Note } from "./customer";
import { useMayWrite, useWriting } from "./writing";

type Change = { note_id?: string; text: string | null };

/** What people wrote about the customer. */
export function Notes({ id, notes }: { id: string; notes: Note[] }) {
  const say = useTranslations("customer");
  const may = useMayWrite();
  const [editing, setEditing] = useState<string>();
  const writing = useWriting(id, (change: Change) => write(id, change));
  return (
    <Panel title={say("notes")}>
      <Stack gap="sm">
        {may && editing === undefined && (
          <Writer
            label={say("writeNote")}
            busy={writing.isPending}
            onWrite={(text, done) => writing.mutate({ text }, { onSuccess: done })}
          />
        )}
        {notes.map((note) =>
          editing === note.note_id ? (
            <Writer
              key={note.note_id}
              label={say("changeNote")}
              begun={note.text}
              busy={writing.isPending}
              onCancel={() => setEditing(undefined)}
              onWrite={(text) =>
                writing.mutate(
                  { note_id: note.note_id, text },
                  { onSuccess: () => setEditing(undefined) },
                )
              }
            />
          ) : (
            <article key={note.note_id}>
              <Text size="sm" className={classes.note}>
                {note.text}
              </Text>
              <Group justify="space-between" gap={4}>
                <Text size="xs" c="dimmed">
                  {note.on_behalf_of ?? note.written_by} · <When at={note.occurred_at} />
                </Text>
                {may && (
                  <Group gap={2}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={say("changeNote")}
                      onClick={() => setEditing(note.note_id)}
                    >
                      <IconPencil size={14} />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={say("takeNoteBack")}
                      onClick={() => writing.mutate({ note_id: note.note_id, text: null })}
                    >
                      <IconTrash size={14} />
                    </ActionIcon>
                  </Group>
                )}
              </Group>
            </article>
          ),
        )}
        {!may && notes.length === 0 && (
          <Text size="sm" c="dimmed">
            {say("noNotes")}
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

interface WriterProps {
  label: string;
  begun?: string;
  busy: boolean;
  onWrite: (text: string, done: () => void) => void;
  onCancel?: () => void;
}

function Writer({ label, begun = "", busy, onWrite, onCancel }: WriterProps) {
  const say = useTranslations("customer");
  const [text, setText] = useState(begun);
  return (
    <Stack gap="xs">
      <Textarea
        size="xs"
        autosize
        minRows={2}
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {(text !== begun || onCancel) && (
        <Group gap="xs">
          <Button
            loading={busy}
            disabled={text.trim() === ""}
            onClick={() => onWrite(text.trim(), () => setText(""))}
          >
            {say("save")}
          </Button>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {say("cancel")}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}

function write(id: string, { note_id, text }: Change): Promise<unknown> {
  if (note_id === undefined) {
    return body(
      api.POST("/api/v1/profiles/{identifier}/notes", {
        params: { path: { identifier: id } },
        body: { text: text ?? "" },
      }),
    );
  }
  const params = { path: { identifier: id, note_id } };
  return text === null
    ? body(api.DELETE("/api/v1/profiles/{identifier}/notes/{note_id}", { params }))
    : body(api.PUT("/api/v1/profiles/{identifier}/notes/{note_id}", { params, body: { text } }));
}
