import { Alert, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Command } from "../../show/Teaching";

interface OnceProps {
  title: string;
  secret: string;
  children?: ReactNode;
  onDone: () => void;
}

/** A secret that is shown this once, to copy. */
export function Once({ title, secret, children, onDone }: OnceProps) {
  const say = useTranslations("settings");
  return (
    <Alert
      variant="light"
      icon={<IconKey size={18} />}
      title={title}
      withCloseButton
      closeButtonLabel={say("done")}
      onClose={onDone}
      role="status"
    >
      <Stack gap="xs">
        <Text size="sm">{children}</Text>
        <Command text={secret} />
      </Stack>
    </Alert>
  );
}
