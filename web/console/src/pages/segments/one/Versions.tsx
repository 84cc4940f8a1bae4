import { Badge, Button, Code, Group, Skeleton, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import show from "../../../show/show.module.css";
import { When } from "../../../show/When";
import { parsed, type Segment } from "../asked";
import classes from "./versions.module.css";

type Version = Schema["Version"];

/** What it said before; each version can be brought back. */
export function Versions({ segment }: { segment: Segment }) {
  const say = useTranslations("segments");
  const cache = useQueryClient();
  const { name } = segment;
  const versions = useQuery({
    queryKey: ["segments", "versions", name],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/segments/{name}/versions", { params: { path: { name } }, signal })),
  });
  const restore = useMutation({
    mutationFn: (version: number) =>
      body(
        api.POST("/api/v1/segments/{name}/restore", {
          params: { path: { name } },
          body: { version },
        }),
      ),
    onSuccess: ({ version }) => {
      cache.invalidateQueries({ queryKey: ["segments"] });
      notifications.show({
        message: say("versions.done", { version: version ?? 0 }),
        color: "teal",
      });
    },
  });
  return (
    <Panel title={say("views.versions")} flush>
      {versions.isError && <Refused error={versions.error} again={versions.refetch} />}
      {restore.isError && <Refused error={restore.error} />}
      {versions.isPending && <Skeleton height={160} m="md" />}
      {versions.data?.data.map((one, at) => (
        <Row
          key={one.version}
          version={one}
          current={at === 0}
          restoring={restore.isPending && restore.variables === one.version}
          onRestore={() => restore.mutate(one.version)}
        />
      ))}
    </Panel>
  );
}

interface RowProps {
  version: Version;
  current: boolean;
  restoring: boolean;
  onRestore: () => void;
}

function Row({ version, current, restoring, onRestore }: RowProps) {
  const say = useTranslations("segments.versions");
  const may = useMay("segments:write");
  return (
    <div className={classes.version}>
      <div className={classes.which}>
        <Group gap="xs">
          <Text fw={600}>{say("number", { version: version.version })}</Text>
          {current && <Badge>{say("current")}</Badge>}
          {version.removed && <Badge color="red">{say("removed")}</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          <When at={version.recorded_at} exact />
        </Text>
        <Text size="xs" c="dimmed">
          {say(version.origin === "file" ? "byFile" : "byApi")}
        </Text>
      </div>
      <div className={classes.said}>
        {version.definition && <Definition of={version.definition} />}
      </div>
      {may && !current && !version.removed && (
        <Button
          variant="default"
          loading={restoring}
          onClick={onRestore}
          aria-label={say("restoreOne", { version: version.version })}
        >
          {say("restore")}
        </Button>
      )}
    </div>
  );
}

function Definition({ of }: { of: Record<string, unknown> }) {
  const rule = of.rule as Parameters<typeof parsed>[0] | undefined;
  const read = useQuery({ ...parsed(rule ?? "", undefined), enabled: rule !== undefined });
  const text = rule === undefined ? JSON.stringify(of.values, null, 1) : (read.data?.text ?? "…");
  return (
    <>
      <Code block className={show.wrapped}>
        {text.trim()}
      </Code>
      {typeof of.description === "string" && (
        <Text size="xs" c="dimmed" mt={4}>
          {of.description}
        </Text>
      )}
    </>
  );
}
