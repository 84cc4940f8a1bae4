import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { Problem } from "../api/client";
import { useTold } from "../language/told";
import { Foreign } from "./Foreign";

/** What went wrong, and what can be done about it. */
export function Refused({ error, again }: { error: Error; again?: () => unknown }) {
  const say = useTranslations("refused");
  const { title, more } = useTold().refusal(error);
  const unreachable = !(error instanceof Problem);
  const missing = !unreachable && error.status === 404;
  const broken = !unreachable && error.status >= 500;
  return (
    <Alert
      color="red"
      variant="light"
      m="md"
      icon={<IconAlertTriangle size={18} />}
      title={title}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {unreachable ? (
            say("whenUnreachable")
          ) : more ? (
            <Foreign said={more} />
          ) : (
            say(missing ? "missing" : broken ? "broken" : "hint")
          )}
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

interface WrongProps {
  error: Error;
  /** What it is about; else the refusal itself stands there. */
  title?: string;
  color?: "red" | "orange";
  m?: "sm";
}

/** A refusal beside what was refused, in few words. */
export function Wrong({ error, title, color = "red", m }: WrongProps) {
  const refusal = useTold().refusal(error);
  return (
    <Alert color={color} role="alert" p="xs" m={m} title={title ?? refusal.title}>
      {title && `${refusal.title} `}
      {refusal.more && <Foreign said={refusal.more} />}
    </Alert>
  );
}
