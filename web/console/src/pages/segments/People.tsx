import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";

export interface Person {
  profile_id: number;
  identifiers: Record<string, string[]>;
}

/** Some customers, each a link to their page. The API gives them as plain objects. */
export function People({ people }: { people: readonly unknown[] }) {
  return (
    <Group gap="0 12px">
      {(people as Person[]).map((one) => (
        <PersonLink key={one.profile_id} person={one} />
      ))}
    </Group>
  );
}

export function PersonLink({ person }: { person: Person }) {
  const say = useTranslations("customers");
  const id = String(person.profile_id);
  return (
    <Anchor
      size="sm"
      lh="1.5rem"
      renderRoot={(props) => <Link to="/customers/$id" params={{ id }} {...props} />}
    >
      <Text span truncate maw={220} inherit display="block">
        {nameOf(person) ?? say("visitor", { id })}
      </Text>
    </Anchor>
  );
}

const TELLING = ["email", "phone", "user_id"];

/** The identifier that tells people most. */
function nameOf({ identifiers }: Person): string | undefined {
  const type = TELLING.find((one) => one in identifiers) ?? Object.keys(identifiers)[0];
  return type === undefined || type === "anonymous_id" ? undefined : identifiers[type]?.[0];
}
