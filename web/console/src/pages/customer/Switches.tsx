import { Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { Panel } from "../../show/Panel";
import { worded } from "../../show/worded";
import type { Profile } from "./customer";
import { useMayWrite, useWriting } from "./writing";

/** Features that are turned on and off for one customer (S5.13). */
export function Switches({ id, profile }: { id: string; profile: Profile }) {
  const say = useTranslations("customer");
  const may = useMayWrite();
  const [name, setName] = useState("");
  const held = (profile.traits.switches?.value ?? {}) as Record<string, boolean>;
  const writing = useWriting(id, ({ name, on }: { name: string; on: boolean }) =>
    body(
      api.PUT("/api/v1/profiles/{identifier}/switches/{name}", {
        params: { path: { identifier: id, name } },
        body: { on },
      }),
    ),
  );
  const add = (event: FormEvent) => {
    event.preventDefault();
    writing.mutate({ name: name.trim(), on: true }, { onSuccess: () => setName("") });
  };
  // From the click on until the card says the same: the switch would go back till then.
  const [turned, setTurned] = useState<{ name: string; on: boolean }>();
  const turn = (name: string, on: boolean) => {
    setTurned({ name, on });
    writing.mutate({ name, on }, { onError: () => setTurned(undefined) });
  };
  const said = turned !== undefined && !!held[turned.name] === turned.on;
  useEffect(() => {
    if (said) setTurned(undefined);
  }, [said]);
  return (
    <Panel title={say("switches")}>
      <Stack gap="xs">
        {Object.keys(held)
          .sort()
          .map((one) => (
            <Switch
              key={one}
              size="xs"
              label={worded(one)}
              checked={turned?.name === one ? turned.on : !!held[one]}
              disabled={!may}
              onChange={(event) => turn(one, event.currentTarget.checked)}
            />
          ))}
        {Object.keys(held).length === 0 && (
          <Text size="sm" c="dimmed">
            {say("noSwitches")}
          </Text>
        )}
        {may && (
          <form onSubmit={add}>
            <Group gap="xs" wrap="nowrap">
              <TextInput
                size="xs"
                flex={1}
                aria-label={say("newSwitch")}
                placeholder="early_access"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Button variant="default" type="submit" disabled={name.trim() === ""}>
                {say("turnOn")}
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Panel>
  );
}
