import { Badge, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused, Wrong } from "../../../show/Refused";
import { When } from "../../../show/When";
import { type RulesHeld, rulesOf } from "../asked";
import classes from "../Identity.module.css";
import { Difference } from "./Difference";
import { textOf } from "./text";

interface Version {
  version: number;
  recorded_at?: string;
  origin?: "api" | "file";
  is_default: boolean;
}

/** What the rules said before; each version can be planned, and then brought back. */
export function Versions({ held }: { held: RulesHeld }) {
  const say = useTranslations("identity.rules");
  // Before the first version were the default rules.
  const versions: Version[] = [...held.versions, { version: 0, is_default: true }];
  const newest = held.versions[0]?.version ?? 0;
  return (
    <Panel title={say("history")} flush>
      {versions.map((one) => (
        <Row key={one.version} one={one} held={held} holds={one.version === newest} />
      ))}
    </Panel>
  );
}

function Row({ one, held, holds }: { one: Version; held: RulesHeld; holds: boolean }) {
  const say = useTranslations("identity.rules");
  const may = useMay("identity:rules");
  const asOf = useAsOf();
  const navigate = useNavigate({ from: "/identity/rules" });
  const { version: looked } = useSearch({ from: "/identity/rules" });
  const open = looked === one.version;
  const number = String(one.version);
  const planning = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/identity/plan", {
          params: { query: { wait: 0.5, as_of: asOf } },
          body: { rules: null, revert: true, version: one.version },
        }),
      ),
    onSuccess: ({ work_id }) => navigate({ search: { work: work_id } }),
  });
  return (
    <div className={classes.row} data-version={one.version}>
      <Group justify="space-between">
        <Stack gap={0}>
          <Group gap="xs">
            <Text fw={600} size="sm">
              {one.version === 0 ? say("defaultRules") : say("version", { version: number })}
            </Text>
            {holds && <Badge>{say("holds")}</Badge>}
            {one.is_default && one.version > 0 && <Badge color="gray">{say("defaultRules")}</Badge>}
          </Group>
          {one.recorded_at && (
            <Text size="xs" c="dimmed">
              <When at={one.recorded_at} exact /> {say(one.origin === "file" ? "byFile" : "byApi")}
            </Text>
          )}
        </Stack>
        {!holds && (
          <Group gap="xs">
            <Button
              variant="default"
              aria-expanded={open}
              aria-label={`${say("compare")} ${number}`}
              onClick={() =>
                navigate({
                  search: (before) => ({ ...before, version: open ? undefined : one.version }),
                })
              }
            >
              {say("compare")}
            </Button>
            {may && (
              <Button
                variant="default"
                loading={planning.isPending}
                onClick={() => planning.mutate()}
                aria-label={say("planBack", { version: number })}
              >
                {say("planBackShort")}
              </Button>
            )}
          </Group>
        )}
      </Group>
      {planning.error && <Wrong error={planning.error} />}
      {open && <Compared version={one.version} held={held} />}
    </div>
  );
}

/** What would change in the text if the version came back. */
function Compared({ version, held }: { version: number; held: RulesHeld }) {
  const say = useTranslations("identity.rules");
  const found = useQuery(rulesOf(version));
  if (found.isError) return <Refused error={found.error} again={found.refetch} />;
  if (!found.data) return <Skeleton height={80} mt="xs" />;
  const [before, after] = [textOf(held.rules), textOf(found.data.rules)];
  if (before === after)
    return (
      <Text size="sm" c="dimmed" mt="xs">
        {say("alike")}
      </Text>
    );
  return (
    <Stack gap={4} mt="xs">
      <Text size="xs" c="dimmed">
        {say("compareHow")}
      </Text>
      <Difference before={before} after={after} />
    </Stack>
  );
}
