import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { changePassword, SHORTEST_PASSWORD, signedIn } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";

/** Another password for oneself. */
export function Password() {
  const say = useTranslations();
  const [old, setOld] = useState("");
  const [chosen, setChosen] = useState("");
  const changing = useMutation({
    mutationFn: () => changePassword({ old_password: old, new_password: chosen }),
    onSuccess: (session) => {
      signedIn(session);
      setOld("");
      setChosen("");
      notifications.show({ message: say("settings.me.passwordChanged"), color: "teal" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    changing.mutate();
  };
  return (
    <Panel title={say("signIn.password")}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <PasswordInput
            label={say("settings.me.oldPassword")}
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          <PasswordInput
            label={say("invitation.password")}
            description={say("invitation.rule", { shortest: SHORTEST_PASSWORD })}
            value={chosen}
            onChange={(event) => setChosen(event.currentTarget.value)}
            autoComplete="new-password"
            minLength={SHORTEST_PASSWORD}
            required
            withAsterisk={false}
          />
          {changing.error && <Wrong error={changing.error} />}
          <Group>
            <Button type="submit" loading={changing.isPending}>
              {say("settings.me.changePassword")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
