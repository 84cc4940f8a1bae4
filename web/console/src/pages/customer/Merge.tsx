import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowMerge } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { Dialog } from "../../show/Dialog";
import { Long } from "../../show/Long";
import { Deciding } from "../identity/Deciding";

/** Says that somebody else is the same person, after a look at what would come of it. */
export function Merge({ identifier }: { identifier: string }) {
  const say = useTranslations("customer.merge");
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState("");
  const [other, setOther] = useState<string>();
  const close = () => {
    setAsked(false);
    setOther(undefined);
    setTyped("");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setOther(typed.trim() || undefined);
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowMerge size={15} />}
        onClick={() => setAsked(true)}
      >
        {say("button")}
      </Button>
      {asked && (
        <Dialog title={say("title")} onClose={close}>
          <Stack gap="md">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {say.rich("how", { identifier: () => <Long text={identifier} /> })}
            </Text>
            <form onSubmit={submit}>
              <Group align="flex-end" gap="xs">
                <TextInput
                  flex={1}
                  data-autofocus
                  label={say("other")}
                  placeholder="email:ann@example.com"
                  value={typed}
                  onChange={(event) => {
                    setTyped(event.currentTarget.value);
                    setOther(undefined);
                  }}
                />
                <Button type="submit" variant="default" disabled={typed.trim() === ""}>
                  {say("look")}
                </Button>
              </Group>
            </form>
            {other && (
              <Deciding
                key={other}
                wish={{ do: "merge", identifiers: [identifier, other] }}
                action={say("do")}
                onDone={close}
              />
            )}
          </Stack>
        </Dialog>
      )}
    </>
  );
}
