import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { Command } from "../../../show/Teaching";
import { useKeepNewKey, useNewKey } from "./newKey";

/** A write key that was made just now: it is told this once. */
export function NewKeyShown({ source }: { source: string }) {
  const say = useTranslations("sources");
  const made = useNewKey(source);
  const keep = useKeepNewKey();
  if (!made) return null;
  return (
    <Alert color="teal" icon={<IconKey size={18} />} title={say("newKeyTitle")} role="status">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{say("newKeyHow")}</Text>
        <Command text={made.writeKey} />
        <Button variant="default" onClick={() => keep(source, null)}>
          {say("newKeyDone")}
        </Button>
      </Stack>
    </Alert>
  );
}
