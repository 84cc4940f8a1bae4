import { Button, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTimeZone, useTranslations } from "use-intl";
import { changeMe, signOut, useSession } from "../../../session/session";
import { Speech, Theme } from "../../../session/Taste";
import { Confirm } from "../../../show/Confirm";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Password } from "./Password";

/** What people change about themselves. */
export function Me() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Stack gap="md">
        <Who />
        <Looks />
      </Stack>
      <Stack gap="md">
        <Password />
        <Everywhere />
      </Stack>
    </SimpleGrid>
  );
}

function Who() {
  const say = useTranslations();
  const person = useSession()?.person;
  const [name, setName] = useState(person?.name ?? "");
  const saving = useMutation({
    mutationFn: () => changeMe({ name: name.trim() }),
    onSuccess: () => notifications.show({ message: say("settings.saved"), color: "teal" }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Panel title={say("settings.me.who")}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={say("settings.me.name")}
            description={say("settings.me.nameHow")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            required
            withAsterisk={false}
          />
          <Text size="sm" c="dimmed">
            {person?.email} · {person && say(`person.roles.${person.role}`)}
          </Text>
          {saving.error && <Refused error={saving.error} />}
          <Group>
            <Button
              type="submit"
              loading={saving.isPending}
              disabled={name.trim() === "" || name.trim() === person?.name}
            >
              {say("settings.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Looks() {
  const say = useTranslations();
  const zone = useTimeZone() ?? "UTC";
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Panel title={say("settings.me.looks")}>
      <Stack gap="sm">
        <div>
          <Text size="sm" fw={500} mb={4}>
            {say("person.language")}
          </Text>
          <Speech />
        </div>
        <div>
          <Text size="sm" fw={500} mb={4}>
            {say("person.theme")}
          </Text>
          <Theme />
        </div>
        <Text size="sm">
          {say("settings.me.zone", { zone })}{" "}
          {own !== zone && (
            <Text span c="dimmed">
              {say("settings.me.ownZone", { own })}
            </Text>
          )}
        </Text>
      </Stack>
    </Panel>
  );
}

function Everywhere() {
  const say = useTranslations("settings.me");
  const [asked, setAsked] = useState(false);
  const leaving = useMutation({ mutationFn: () => signOut({ everywhere: true }) });
  return (
    <Panel title={say("sessions")}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm" c="dimmed">
          {say("sessionsHow")}
        </Text>
        <Button variant="default" onClick={() => setAsked(true)}>
          {say("everywhere")}
        </Button>
      </Stack>
      {asked && (
        <Confirm
          title={say("everywhere")}
          does={say("everywhere")}
          busy={leaving.isPending}
          error={leaving.error}
          onDo={() => leaving.mutate()}
          onClose={() => setAsked(false)}
        >
          <Text size="sm">{say("everywhereHow")}</Text>
        </Confirm>
      )}
    </Panel>
  );
}
