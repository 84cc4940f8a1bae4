import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { type Role, roles } from "../asked";

interface RoleChoiceProps {
  role: Role;
  onChange: (role: Role) => void;
}

/** One of the roles, with what it is for. */
export function RoleChoice({ role, onChange }: RoleChoiceProps) {
  const say = useTranslations();
  const known = useQuery(roles).data?.data ?? [];
  return (
    <Select
      label={say("settings.people.role")}
      description={say(`settings.roles.${role}`)}
      allowDeselect={false}
      data={known.map((one) => ({ value: one.role, label: say(`person.roles.${one.role}`) }))}
      value={role}
      onChange={(chosen) => chosen && onChange(chosen)}
    />
  );
}
