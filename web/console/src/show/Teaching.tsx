import { ActionIcon, Anchor, Code, CopyButton, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import classes from "./show.module.css";

interface TeachingProps {
  title: string;
  children?: ReactNode;
  /** A command that would change it. */
  command?: string;
  /** Whether it lacks data: where that comes from is a step away. */
  first?: boolean;
}

/** Instead of an empty list: why it is empty, and what to do. */
export function Teaching({ title, children, command, first = false }: TeachingProps) {
  return (
    <Stack gap="xs" p="lg" align="flex-start" maw={720}>
      <Text fw={600}>{title}</Text>
      {children && (
        <Text c="dimmed" size="sm">
          {children}
        </Text>
      )}
      {command && <Command text={command} />}
      {first && <FirstSteps />}
    </Stack>
  );
}

/** Where data begins to come in. */
function FirstSteps() {
  const say = useTranslations("teaching");
  return (
    <Group gap="lg">
      {(["/data/sources", "/data/imports/new"] as const).map((to) => (
        <Anchor key={to} size="sm" lh="1.5rem" renderRoot={(props) => <Link to={to} {...props} />}>
          {say(to === "/data/sources" ? "connect" : "import")}
        </Anchor>
      ))}
    </Group>
  );
}

/** A command to copy. */
export function Command({ text }: { text: string }) {
  const say = useTranslations("teaching");
  return (
    <Group className={classes.command} gap={0} wrap="nowrap" align="flex-start">
      <Code block tabIndex={0} className={classes.commandText}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? say("copied") : say("copy")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              m={6}
              onClick={copy}
              aria-label={copied ? say("copied") : say("copy")}
            >
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
