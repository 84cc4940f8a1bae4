import { Skeleton, Table, VisuallyHidden } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { roles } from "../asked";

/** Every permission, and which role holds it, as the API says. */
export function Roles() {
  const say = useTranslations();
  const found = useQuery(roles);
  return (
    <Panel title={say("settings.people.rolesTitle")} flush>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={200} m="md" />}
      {found.data && (
        <Table.ScrollContainer minWidth={640} scrollAreaProps={FOCUSABLE}>
          <Table verticalSpacing={5}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("settings.people.mayDo")}</Table.Th>
                {found.data.data.map(({ role }) => (
                  <Table.Th key={role} ta="center">
                    {say(`person.roles.${role}`)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.permissions.map(({ permission }) => (
                <Table.Tr key={permission}>
                  <Table.Th fw={400}>{say(`settings.permissions.${permission}`)}</Table.Th>
                  {found.data.data.map(({ role, permissions }) => (
                    <Table.Td key={role} ta="center">
                      {permissions.includes(permission) ? (
                        <>
                          <IconCheck
                            size={16}
                            aria-hidden
                            color="var(--mantine-color-teal-light-color)"
                          />
                          <VisuallyHidden>{say("settings.people.yes")}</VisuallyHidden>
                        </>
                      ) : (
                        <VisuallyHidden>{say("settings.people.no")}</VisuallyHidden>
                      )}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
