import { Drawer, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import classes from "./show.module.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  opened?: boolean;
  size?: "md" | "lg";
}

/** A question in front of the page. Its head is no banner, of which a page has one. */
export function Dialog({ title, onClose, children, opened = true, size = "lg" }: DialogProps) {
  const say = useTranslations("dialog");
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} centered>
      <Modal.Overlay />
      <Modal.Content>
        <div className={classes.dialogHead}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={say("close")} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** More about one thing of a list, beside the list. */
export function Side({ title, onClose, children, opened = true }: DialogProps) {
  const say = useTranslations("dialog");
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="right" size="lg">
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={classes.dialogHead}>
          <Drawer.Title>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label={say("close")} />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
