import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { Problem } from "../api/client";

/** What went wrong, and what can be done about it. */
export function Refused({ error, again }: { error: Error; again?: () => unknown }) {
  const say = useTranslations("refused");
  const refusal = error instanceof Problem ? error : null;
  const unreachable = refusal === null;
  const missing = refusal?.status === 404;
  return (
    <Alert
      color="red"
      variant="light"
      m="md"
      icon={<IconAlertTriangle size={18} />}
      title={unreachable ? say("unreachable") : error.message}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {unreachable
            ? say("whenUnreachable")
            : (refusal.hint ?? say(missing ? "missing" : "hint"))}
        </Text>
        {again && !missing && (
          <Button variant="default" onClick={() => again()}>
            {say("again")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
