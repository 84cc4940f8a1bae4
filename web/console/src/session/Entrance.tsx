import { Button, Center, Paper, Stack, Text, Title } from "@mantine/core";
import type { FormEvent, PropsWithChildren } from "react";
import { Mark } from "../app/Mark";
import classes from "./Entrance.module.css";

interface EntranceProps {
  title: string;
  how: string;
  enter: string;
  busy: boolean;
  onEnter: () => void;
}

/** The frame of the pages that are seen before somebody is signed in. */
export function Entrance({
  title,
  how,
  enter,
  busy,
  onEnter,
  children,
}: PropsWithChildren<EntranceProps>) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onEnter();
  };
  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--patron-ground)">
      <Paper withBorder p="xl" w={380} maw="100%" radius="lg" className={classes.card}>
        <form onSubmit={submit}>
          <Stack gap="md">
            <Mark size={36} />
            <div>
              <Title order={1}>{title}</Title>
              <Text c="dimmed" size="sm" mt={4}>
                {how}
              </Text>
            </div>
            {children}
            <Button type="submit" size="sm" loading={busy} fullWidth>
              {enter}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
