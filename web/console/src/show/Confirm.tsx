import { Button, Group, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Dialog } from "./Dialog";
import { Wrong } from "./Refused";

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
  const say = useTranslations("dialog");
  // What was begun is not taken back by looking away.
  const close = () => {
    if (!props.busy) props.onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (props.ready !== false && !props.busy) props.onDo();
  };
  return (
    <Dialog title={props.title} onClose={close} size="md">
      <form onSubmit={submit}>
        <Stack gap="md">
          {props.children}
          {props.error && <Wrong error={props.error} />}
          <Group gap="xs" justify="flex-end">
            {/* Enter does no harm by itself: the way out has the focus. */}
            <Button
              variant="default"
              onClick={close}
              disabled={props.busy}
              data-autofocus={props.harmful || undefined}
            >
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
    </Dialog>
  );
}
