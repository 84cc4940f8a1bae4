import { Group, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./show.module.css";

interface PanelProps {
  title: string;
  /** On the right of the title. */
  aside?: ReactNode;
  /** Without space around what is inside, for tables and lists. */
  flush?: boolean;
  children: ReactNode;
}

/** One matter on a page, with its title. */
export function Panel({ title, aside, flush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <Group className={classes.panelHead} justify="space-between" gap="xs">
        <Title order={2} id={id} size="h3">
          {title}
        </Title>
        {aside}
      </Group>
      <div className={flush ? undefined : classes.panelBody}>{children}</div>
    </section>
  );
}
