import { List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Permission } from "../../../session/session";
import { Confirm } from "../../../show/Confirm";
import { type Person, roles } from "../asked";
import { RoleChoice } from "./RoleChoice";
import { changePerson, useChange } from "./writing";

/** Another role for somebody: what they could do then that they cannot now, and the other way. */
export function ChangeRole({ person, onClose }: { person: Person; onClose: () => void }) {
  const say = useTranslations("settings.people");
  const [role, setRole] = useState(person.role);
  const known = useQuery(roles).data?.data ?? [];
  const held = (name: string) => known.find((one) => one.role === name)?.permissions ?? [];
  const [now, then] = [held(person.role), held(role)];
  const changing = useChange(() => changePerson(person, { role }), onClose);
  return (
    <Confirm
      title={say("roleOf", { name: person.name })}
      does={say("changeRole")}
      ready={role !== person.role}
      busy={changing.isPending}
      error={changing.error}
      onDo={() => changing.mutate(undefined)}
      onClose={onClose}
    >
      <Stack gap="sm">
        <RoleChoice role={role} onChange={setRole} />
        <Difference title={say("gains")} permissions={then.filter((one) => !now.includes(one))} />
        <Difference title={say("loses")} permissions={now.filter((one) => !then.includes(one))} />
        <Text size="sm" c="dimmed">
          {say("roleHow")}
        </Text>
      </Stack>
    </Confirm>
  );
}

function Difference({ title, permissions }: { title: string; permissions: Permission[] }) {
  const say = useTranslations("settings.permissions");
  if (permissions.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <List size="sm">
        {permissions.map((one) => (
          <List.Item key={one}>{say(one)}</List.Item>
        ))}
      </List>
    </div>
  );
}
