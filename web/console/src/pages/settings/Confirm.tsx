import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Refused } from "../../show/Refused";

interface ConfirmProps {
  title: string;
  /** What will be so afterwards. */
  children: ReactNode;
  /** What the button does, in words. */
  does: string;
  harmful?: boolean;
  ready?: boolean;
  busy: boolean;
  error: Error | null;
  onDo: () => void;
  onClose: () => void;
}

/** Asks once more, and says what comes of it. */
export function Confirm(props: ConfirmProps) {
  const say = useTranslations("settings");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (props.ready !== false) props.onDo();
  };
  return (
    // Without the header of the library: it would be a second banner of the page.
    <Modal opened onClose={props.onClose} withCloseButton={false} centered>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Modal.Title fw={600}>{props.title}</Modal.Title>
          {props.children}
          {props.error && <Refused error={props.error} />}
          <Group gap="xs" justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              {say("cancel")}
            </Button>
            <Button
              type="submit"
              color={props.harmful ? "red" : undefined}
              disabled={props.ready === false}
              loading={props.busy}
            >
              {props.does}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
