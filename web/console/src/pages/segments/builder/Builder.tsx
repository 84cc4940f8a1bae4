import { Alert, Badge, Loader, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { Foreign } from "../../../show/Foreign";
import { MOD } from "../../../show/keys";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import type { Segment } from "../asked";
import { People } from "../People";
import { BuildingContext, useBuilding } from "./Building";
import classes from "./builder.module.css";
import { Changes } from "./Changes";
import { Parts } from "./Parts";
import { RuleText } from "./RuleText";
import { Save } from "./Save";
import { Total } from "./Total";
import { type Ruling, savable } from "./useRule";

/** Conditions on one side; how many they are, the text, and saving on the other. */
export function Builder({ ruling, segment }: { ruling: Ruling; segment?: Segment }) {
  const say = useTranslations("segments.builder");
  const [marked, mark] = useState<string | null>(null);
  const total = ruling.preview.data?.total;
  return (
    <BuildingContext value={{ ...ruling, marked, mark, total }}>
      <div className={classes.columns}>
        <Stack gap="md" miw={0}>
          <Panel title={say("conditions")} aside={<Apart />}>
            <Parts part={ruling.root} top />
            <Text size="xs" c="dimmed" mt={4} visibleFrom="sm">
              {say("keys", { mod: MOD })}
            </Text>
          </Panel>
          <Panel title={say("text")}>
            <RuleText />
          </Panel>
        </Stack>
        <div className={classes.beside}>
          <Panel title={say("result")}>
            <Result />
          </Panel>
          {segment && <Changes segment={segment} />}
          <Save
            segment={segment}
            made={savable(ruling) ? { rule: ruling.leading } : null}
            warned={ruling.warnings.length > 0}
          />
        </div>
      </div>
    </BuildingContext>
  );
}

/** Says that the text holds an error, and that the conditions are those from before it. */
function Apart() {
  const say = useTranslations("segments.builder");
  const { apart, incomplete } = useBuilding();
  if (apart) return <Badge color="orange">{say("apart")}</Badge>;
  if (incomplete.length === 0) return null;
  return <Badge color="gray">{say("leftOut", { count: incomplete.length })}</Badge>;
}

function Result() {
  const say = useTranslations("segments.builder");
  const { preview, settled, rule, errors, warnings, root } = useBuilding();
  const { told } = useTold();
  if (rule === null)
    return (
      <Text size="sm" c="dimmed">
        {say(root.inside.length === 0 ? "emptyHow" : "incomplete")}
      </Text>
    );
  if (errors.length > 0)
    return (
      <Text size="sm" c="dimmed">
        {say("notCounted")}
      </Text>
    );
  if (preview.isError) return <Refused error={preview.error} again={preview.refetch} />;
  const found = preview.data;
  if (!found) return <Loader size="sm" role="status" aria-label={say("counting")} />;
  return (
    <Stack gap="xs" aria-live="polite" aria-busy={!settled}>
      <Total count={found.count} total={found.total} settled={settled} />
      {found.sample.length > 0 && (
        <div>
          <Text size="xs" c="dimmed">
            {say("sample")}
          </Text>
          <People people={found.sample} />
        </div>
      )}
      {warnings.map((one) => (
        <Alert key={`${one.path} ${one.message}`} color="orange" p="xs">
          <Foreign said={told(one)} />
        </Alert>
      ))}
    </Stack>
  );
}
