import { Button, Skeleton, Stack, Table, VisuallyHidden } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { When } from "../../../show/When";
import { everybody } from "../asked";
import { Closed } from "../Closed";
import { Once } from "../Once";
import { Invite } from "./Invite";
import { PersonRow } from "./PersonRow";
import { Roles } from "./Roles";
import type { Invited } from "./writing";

/** Who may sign in, and what each role may do. */
export function People() {
  const say = useTranslations("settings.people");
  const may = useMay("people:write");
  const people = useQuery({ ...everybody, enabled: may });
  const [inviting, setInviting] = useState(false);
  const [invited, setInvited] = useState<Invited>();
  if (!may) return <Closed needs="people:write" />;
  return (
    <Stack gap="md">
      {invited && (
        <Once
          title={say("link", { name: invited.person.name })}
          secret={address(invited.invitation.link)}
          onDone={() => setInvited(undefined)}
        >
          {say.rich("linkHow", { until: () => <When at={invited.invitation.until} exact /> })}
        </Once>
      )}
      <Panel
        title={say("title")}
        flush
        aside={
          <Button leftSection={<IconUserPlus size={15} />} onClick={() => setInviting(true)}>
            {say("invite")}
          </Button>
        }
      >
        {people.isError && <Refused error={people.error} again={people.refetch} />}
        {people.isPending && <Skeleton height={160} m="md" />}
        {people.data && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("person")}</Table.Th>
                <Table.Th>{say("role")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("state")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("seen")}</Table.Th>
                <Table.Th>
                  <VisuallyHidden>{say("actions")}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {people.data.data.map((one) => (
                <PersonRow key={one.person_id} person={one} onInvited={setInvited} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Panel>
      <Roles />
      {inviting && (
        <Invite
          onInvited={(made) => {
            setInvited(made);
            setInviting(false);
          }}
          onClose={() => setInviting(false)}
        />
      )}
    </Stack>
  );
}

/** Without a public address of its own the server says where on it the page is. */
function address(link: string): string {
  return new URL(link, window.location.origin).href;
}
