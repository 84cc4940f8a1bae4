import { Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Confirm } from "../../../show/Confirm";
import type { Person } from "../asked";
import { changePerson, type Invited, inviteAgain, useChange } from "./writing";

interface LeavingProps {
  person: Person;
  onClose: () => void;
}

/** Somebody leaves, or comes back. */
export function Leaving({ person, onClose }: LeavingProps) {
  const say = useTranslations("settings.people");
  const changing = useChange(() => changePerson(person, { active: !person.active }), onClose);
  const what = person.active ? "remove" : "restore";
  return (
    <Confirm
      title={`${say(what)}: ${person.name}`}
      does={say(what)}
      harmful={person.active}
      busy={changing.isPending}
      error={changing.error}
      onDo={() => changing.mutate(undefined)}
      onClose={onClose}
    >
      <Text size="sm">{say(`${what}How`, { name: person.name })}</Text>
    </Confirm>
  );
}

/** A new link for somebody who forgot the password, or whose invitation has expired. */
export function NewLink({
  person,
  onClose,
  onInvited,
}: LeavingProps & { onInvited: (invited: Invited) => void }) {
  const say = useTranslations("settings.people");
  const inviting = useChange(() => inviteAgain(person), onInvited);
  return (
    <Confirm
      title={`${say("newLink")}: ${person.name}`}
      does={say("newLink")}
      busy={inviting.isPending}
      error={inviting.error}
      onDo={() => inviting.mutate(undefined)}
      onClose={onClose}
    >
      <Text size="sm">{say("newLinkHow", { name: person.name })}</Text>
    </Confirm>
  );
}
