import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

interface PageHeadProps {
  title: string;
  /** The tab of the page that is open, for the title of the browser's tab. */
  within?: string;
  about?: ReactNode;
  children?: ReactNode;
}

/** The title of a page, also of the browser's tab. */
export function PageHead({ title, within, about, children }: PageHeadProps) {
  useEffect(() => {
    document.title = [within, title, "Patron"].filter(Boolean).join(" · ");
  }, [title, within]);
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="md">
      <div>
        <Title order={1}>{title}</Title>
        {about && (
          <Text c="dimmed" size="sm" component="div">
            {about}
          </Text>
        )}
      </div>
      {children}
    </Group>
  );
}
