import { ActionIcon, Menu, Stack, Text } from "@mantine/core";
import { IconLogout, IconSettings, IconUserCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { signOut, useSession } from "../session/session";
import { Speech, Theme } from "../session/Taste";

/** Who is signed in, how the pages look and speak, and the way out. */
export function PersonMenu() {
  const say = useTranslations("person");
  const person = useSession()?.person;

  return (
    <Menu position="bottom-end" width={260} withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say("menu")}>
          <IconUserCircle size={20} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Stack gap={2} px="sm" py="xs">
          <Text fw={600} size="sm">
            {person?.name}
          </Text>
          <Text c="dimmed" size="xs">
            {person?.email} · {person && say(`roles.${person.role}`)}
          </Text>
        </Stack>
        <Menu.Divider />
        <Stack gap="xs" px="sm" py="xs">
          <Theme />
          <Speech />
        </Stack>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconSettings size={15} />}
          renderRoot={(props) => <Link to="/settings/me" {...props} />}
        >
          {say("settings")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut()}>
          {say("leave")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
