import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";

interface DialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Something that is asked before it is done. */
export function Dialog({ title, opened, onClose, children }: DialogProps) {
  const say = useTranslations("identity");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size="lg"
      // Locking it would take a style that the policy of the page forbids.
      lockScroll={false}
      closeButtonProps={{ "aria-label": say("close") }}
      // The page has one banner; the head of a dialog is none.
      attributes={{ header: { role: "presentation" } }}
    >
      {children}
    </Modal>
  );
}
