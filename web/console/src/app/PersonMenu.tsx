import {
  ActionIcon,
  Menu,
  SegmentedControl,
  Stack,
  Text,
  useMantineColorScheme,
} from "@mantine/core";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { LANGUAGES, type LanguageCode, useLanguage } from "../language/Language";
import { changeMe, signOut, useSession } from "../session/session";

/** Who is signed in, how the pages look and speak, and the way out. */
export function PersonMenu() {
  const say = useTranslations("person");
  const person = useSession()?.person;
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();

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
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={say("theme")}
            value={colorScheme}
            onChange={(value) => {
              setColorScheme(value as typeof colorScheme);
              changeMe({ theme: value as typeof colorScheme });
            }}
            data={[
              { value: "light", label: say("light") },
              { value: "dark", label: say("dark") },
              { value: "auto", label: say("auto") },
            ]}
          />
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={say("language")}
            value={language}
            onChange={(value) => {
              choose(value as LanguageCode);
              changeMe({ language: value as LanguageCode });
            }}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          />
        </Stack>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={signOut}>
          {say("leave")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
