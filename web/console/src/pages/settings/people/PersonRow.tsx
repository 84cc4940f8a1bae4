import { ActionIcon, Badge, Group, Menu, Table, Text } from "@mantine/core";
import {
  IconDots,
  IconLink,
  IconLockOpen,
  IconUserCheck,
  IconUserCog,
  IconUserOff,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useSession } from "../../../session/session";
import { When } from "../../../show/When";
import type { Person } from "../asked";
import { ChangeRole } from "./ChangeRole";
import { Leaving, NewLink } from "./Leaving";
import { type Invited, unlock, useChange } from "./writing";

interface PersonRowProps {
  person: Person;
  onInvited: (invited: Invited) => void;
}

type Asked = "role" | "link" | "leaving";

/** Somebody who may sign in, and what can be changed about that. */
export function PersonRow({ person, onInvited }: PersonRowProps) {
  const say = useTranslations();
  const self = useSession()?.person?.email === person.email;
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const unlocking = useChange(unlock, () => {});
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {person.name}{" "}
          {self && (
            <Text span size="xs" c="dimmed" fw={400}>
              {say("settings.people.you")}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {person.email}
        </Text>
        <Group gap={4} hiddenFrom="sm" mt={2}>
          <States person={person} />
        </Group>
      </Table.Td>
      <Table.Td>{say(`person.roles.${person.role}`)}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Group gap={4}>
          <States person={person} />
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {person.seen_at ? <When at={person.seen_at} /> : say("settings.people.never")}
      </Table.Td>
      <Table.Td ta="right">
        {!self && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={say("settings.people.actionsOf", { name: person.name })}
              >
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconUserCog size={15} />} onClick={() => setAsked("role")}>
                {say("settings.people.changeRole")}
              </Menu.Item>
              {person.active && (
                <Menu.Item leftSection={<IconLink size={15} />} onClick={() => setAsked("link")}>
                  {say("settings.people.newLink")}
                </Menu.Item>
              )}
              {person.locked_until && (
                <Menu.Item
                  leftSection={<IconLockOpen size={15} />}
                  onClick={() => unlocking.mutate(person)}
                >
                  {say("settings.people.unlock")}
                </Menu.Item>
              )}
              <Menu.Divider />
              <Menu.Item
                color={person.active ? "red" : undefined}
                leftSection={
                  person.active ? <IconUserOff size={15} /> : <IconUserCheck size={15} />
                }
                onClick={() => setAsked("leaving")}
              >
                {say(person.active ? "settings.people.remove" : "settings.people.restore")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
        {asked === "role" && <ChangeRole person={person} onClose={close} />}
        {asked === "leaving" && <Leaving person={person} onClose={close} />}
        {asked === "link" && (
          <NewLink
            person={person}
            onClose={close}
            onInvited={(made) => {
              close();
              onInvited(made);
            }}
          />
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const COLOURS: Record<string, string> = {
  active: "teal",
  invited: "indigo",
  expired: "orange",
  deactivated: "gray",
};

function States({ person }: { person: Person }) {
  const say = useTranslations("settings.people");
  return (
    <>
      <Badge color={COLOURS[person.state]}>{say(`states.${person.state as "active"}`)}</Badge>
      {person.locked_until && (
        <Badge color="orange">
          {say.rich("locked", { until: () => <When at={person.locked_until ?? ""} /> })}
        </Badge>
      )}
    </>
  );
}
