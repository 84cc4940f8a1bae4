import { Button, Group, Skeleton, Stack, Switch, Table, Text, VisuallyHidden } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Schema } from "../../../api/client";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { allTokens } from "../asked";
import { Closed } from "../Closed";
import { Once } from "../Once";
import { NewToken } from "./NewToken";
import { TokenRow } from "./TokenRow";

export type Made = Schema["TokenMade"];

/** What programs ask with. */
export function Tokens() {
  const say = useTranslations("settings.tokens");
  const may = useMay("people:write");
  const tokens = useQuery({ ...allTokens, enabled: may });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Made>();
  const [all, setAll] = useState(false);
  if (!may) return <Closed needs="people:write" />;
  const gone = tokens.data?.data.filter((one) => one.state !== "in force").length ?? 0;
  const shown = tokens.data?.data.filter((one) => all || one.state === "in force");
  return (
    <Stack gap="md">
      {made && (
        <Once
          title={say("secret", { name: made.name })}
          secret={made.token}
          onDone={() => setMade(undefined)}
        >
          {say("secretHow")}
        </Once>
      )}
      <Panel
        title={say("title")}
        flush
        aside={
          <Button leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
            {say("make")}
          </Button>
        }
      >
        {tokens.isError && <Refused error={tokens.error} again={tokens.refetch} />}
        {tokens.isPending && <Skeleton height={160} m="md" />}
        {shown && (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("name")}</Table.Th>
                <Table.Th>{say("role")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("used")}</Table.Th>
                <Table.Th>{say("expires")}</Table.Th>
                <Table.Th visibleFrom="sm">{say("madeBy")}</Table.Th>
                <Table.Th>
                  <VisuallyHidden>{say("actions")}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((one) => (
                <TokenRow key={`${one.name} ${one.created_at}`} token={one} onMade={setMade} />
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Group justify="space-between" p="sm" gap="sm">
          <Text size="xs" c="dimmed">
            {say("about")}
          </Text>
          {gone > 0 && (
            <Switch
              size="xs"
              label={say("all", { count: gone })}
              checked={all}
              onChange={(event) => setAll(event.currentTarget.checked)}
            />
          )}
        </Group>
      </Panel>
      {making && (
        <NewToken
          onMade={(token) => {
            setMade(token);
            setMaking(false);
          }}
          onClose={() => setMaking(false)}
        />
      )}
    </Stack>
  );
}
