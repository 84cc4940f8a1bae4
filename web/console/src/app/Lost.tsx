import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";

/** An address that leads nowhere. */
export function Lost() {
  const say = useTranslations("lost");
  return (
    <Stack gap="xs" p="xl" align="flex-start">
      <Title order={1}>{say("title")}</Title>
      <Text c="dimmed">{say("how")}</Text>
      <Anchor component={Link} to="/">
        {say("home")}
      </Anchor>
    </Stack>
  );
}
