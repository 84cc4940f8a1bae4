import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { Deciding } from "../Deciding";

interface ReleaseProps {
  identifier: string;
  onDone: () => void;
}

/** A value that is held back belongs to nobody, until somebody says to whom. */
export function Release({ identifier, onDone }: ReleaseProps) {
  const say = useTranslations("identity.values");
  const [typed, setTyped] = useState("");
  const [owner, setOwner] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setOwner(typed.trim() || undefined);
  };
  return (
    <Stack gap="md">
      <Text size="sm">{say("releaseHow")}</Text>
      <form onSubmit={submit}>
        <Group align="flex-end" gap="xs">
          <TextInput
            flex={1}
            label={say("owner")}
            placeholder="user_id:ann"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setOwner(undefined);
            }}
          />
          <Button type="submit" variant="default" disabled={typed.trim() === ""}>
            {say("look")}
          </Button>
        </Group>
      </form>
      {owner && (
        <Deciding
          key={owner}
          wish={{ do: "merge", identifiers: [owner, identifier] }}
          action={say("releaseDo")}
          onDone={onDone}
        />
      )}
    </Stack>
  );
}
