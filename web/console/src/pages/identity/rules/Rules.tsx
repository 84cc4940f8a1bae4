import { Badge, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { rulesOf } from "../asked";
import { Editor } from "./Editor";
import { Planned } from "./Planned";
import { Types } from "./Types";
import { Versions } from "./Versions";

/** The rules that hold; writing other ones, seeing what they would come to, and having them. */
export function Rules() {
  const say = useTranslations("identity.rules");
  const may = useMay("identity:rules");
  const { work } = useSearch({ from: "/identity/rules" });
  const held = useQuery(rulesOf(undefined));
  if (held.isError) return <Refused error={held.error} again={held.refetch} />;
  if (!held.data) return <Skeleton height={360} />;
  const { rules, is_default, version, defaults } = held.data;
  return (
    <Stack gap="md">
      <Panel
        title={say("held")}
        aside={
          <Badge data-version={version}>
            {is_default
              ? say("defaults", { edition: String(defaults) })
              : say("version", { version: String(version) })}
          </Badge>
        }
      >
        <Types rules={rules} />
      </Panel>
      {may ? (
        <>
          <Editor held={held.data} />
          {work && <Planned work={work} />}
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {say("mayNot")}
        </Text>
      )}
      <Versions held={held.data} />
    </Stack>
  );
}
