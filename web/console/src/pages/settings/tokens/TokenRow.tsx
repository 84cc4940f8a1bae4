import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Confirm } from "../../../show/Confirm";
import { When } from "../../../show/When";
import type { Token } from "../asked";
import type { Made } from "./Tokens";
import { replaceToken, revokeToken, useChange } from "./writing";

/** The one in the workspace's folder, which the command line uses: it is replaced, never revoked. */
const OWN = "admin";

interface TokenRowProps {
  token: Token;
  onMade: (token: Made) => void;
}

type Asked = "replace" | "revoke";

export function TokenRow({ token, onMade }: TokenRowProps) {
  const say = useTranslations();
  const [asked, setAsked] = useState<Asked>();
  const holds = token.state === "in force";
  const choices: Asked[] = token.name === OWN ? ["replace"] : ["replace", "revoke"];
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <Text size="sm" fw={600}>
            {token.name}
          </Text>
          {!holds && (
            <Badge color="gray">{say(`settings.tokens.states.${token.state as "revoked"}`)}</Badge>
          )}
        </Group>
        {token.name === OWN && (
          <Text size="xs" c="dimmed">
            {say("settings.tokens.own")}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{say(`person.roles.${token.role}`)}</Table.Td>
      <Table.Td visibleFrom="sm">{token.used_at ? <When at={token.used_at} /> : "–"}</Table.Td>
      <Table.Td>
        {token.expires_at ? <When at={token.expires_at} /> : say("settings.tokens.never")}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm" c="dimmed" lineClamp={1}>
          {token.made_by ?? say("settings.tokens.workspace")}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {holds && (
          <Group gap={4} justify="flex-end">
            {choices.map((one) => (
              <Button
                key={one}
                variant="subtle"
                color={one === "revoke" ? "red" : "gray"}
                size="compact-xs"
                h={24}
                onClick={() => setAsked(one)}
                aria-label={say(`settings.tokens.${one}One`, { name: token.name })}
              >
                {say(`settings.tokens.${one}`)}
              </Button>
            ))}
          </Group>
        )}
        {asked && (
          <Sure
            token={token}
            asked={asked}
            onClose={() => setAsked(undefined)}
            onMade={(made) => {
              setAsked(undefined);
              onMade(made);
            }}
          />
        )}
      </Table.Td>
    </Table.Tr>
  );
}

interface SureProps extends TokenRowProps {
  asked: Asked;
  onClose: () => void;
}

function Sure({ token, asked, onMade, onClose }: SureProps) {
  const say = useTranslations("settings.tokens");
  const { name } = token;
  const replacing = useChange(() => replaceToken(name), onMade);
  const revoking = useChange(() => revokeToken(name), onClose);
  const doing = asked === "replace" ? replacing : revoking;
  return (
    <Confirm
      title={say(`${asked}One`, { name })}
      does={say(asked)}
      harmful
      busy={doing.isPending}
      error={doing.error}
      onDo={() => doing.mutate(undefined)}
      onClose={onClose}
    >
      <Text size="sm">{say(name === OWN ? "replaceOwnHow" : `${asked}How`, { name })}</Text>
    </Confirm>
  );
}
