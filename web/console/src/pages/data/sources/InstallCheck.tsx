import { Anchor, Badge, Group, List, Loader, Skeleton, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Schema } from "../../../api/client";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { When } from "../../../show/When";
import { installOf, type Source } from "./asked";

type Install = Schema["Install"];

/** Whether a source sends: it waits for the first message, and says in words what came. */
export function InstallCheck({ source }: { source: Source }) {
  const say = useTranslations("sources");
  const { name } = source;
  const mayLook = useMay("messages:read");
  const found = useQuery(installOf(name));
  const came = found.data && found.data.kinds.length + found.data.quarantined > 0;
  return (
    <Panel
      title={say("check")}
      aside={
        mayLook && (
          <Anchor
            size="sm"
            renderRoot={(props) => <Link to="/data/live" search={{ source: name }} {...props} />}
          >
            {say("seeLive")}
          </Anchor>
        )
      }
    >
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={60} />}
      <div aria-live="polite">
        {found.data && !came && <Nothing pages={source.type === "web"} />}
        {found.data && came && <Came install={found.data} />}
      </div>
    </Panel>
  );
}

function Nothing({ pages }: { pages: boolean }) {
  const say = useTranslations("sources");
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Loader size="xs" />
        <Text fw={600}>{say("waiting")}</Text>
      </Group>
      <Text size="sm" c="dimmed">
        {say("waitingHow")}
      </Text>
      <List size="sm" spacing={2}>
        {pages && <List.Item>{say("ifConsent")}</List.Item>}
        <List.Item>{say("ifKey")}</List.Item>
        <List.Item>{say(pages ? "ifBlocked" : "ifReach")}</List.Item>
      </List>
    </Stack>
  );
}

function Came({ install }: { install: Install }) {
  const say = useTranslations("sources");
  const { number } = useAmounts();
  const mayLook = useMay("messages:read");
  const last = install.kinds[0];
  return (
    <Stack gap="xs">
      {last && (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <IconCircleCheck size={18} color="var(--mantine-color-teal-light-color)" aria-hidden />
          <Text size="sm" fw={600}>
            {say.rich("works", {
              type: last.type,
              page: last.last_page ?? "none",
              when: () => <When at={last.last_received_at} />,
            })}
          </Text>
        </Group>
      )}
      <Group gap="xs">
        {install.kinds.map((kind) => (
          <Badge key={kind.type} color="gray">
            {kind.type} {number(kind.messages)}
          </Badge>
        ))}
      </Group>
      {install.sites.map((site) => (
        <Text size="sm" key={site.host}>
          {say.rich("site", {
            host: () => <b>{site.host}</b>,
            pages: site.pages.slice(0, 3).join(", "),
            libraries: site.libraries.join(", ") || "–",
          })}
        </Text>
      ))}
      {install.quarantined > 0 && (
        <Text size="sm">
          {say("checkRefused", { count: install.quarantined, shown: number(install.quarantined) })}{" "}
          {mayLook && (
            <Anchor
              underline="always"
              renderRoot={(props) => (
                <Link to="/data/quarantine" search={{ source: install.source }} {...props} />
              )}
            >
              {say("seeWhy")}
            </Anchor>
          )}
        </Text>
      )}
    </Stack>
  );
}
