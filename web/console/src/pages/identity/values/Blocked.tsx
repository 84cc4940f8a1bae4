import { Code, Group, Pill, Stack, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { Panel } from "../../../show/Panel";
import { useTypeName } from "../../../show/types";
import classes from "../Identity.module.css";
import { listed, type Rules, releasing, typesOf } from "../rules/text";
import type { Change } from "./Values";

/** Values that identify nobody, by the rules: of all types, and of one. */
export function Blocked({ rules, onChange }: { rules: Rules; onChange: Change }) {
  const say = useTranslations("identity.values");
  const typeName = useTypeName();
  const types = typesOf(rules).filter(
    (one) =>
      listed(one.blocked).length + listed(one.blocked_patterns).length > 0 ||
      typeof one.blocked_repeats === "number",
  );
  return (
    <Panel title={say("blocked")}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {say("blockedHow")}
        </Text>
        <BlockedList title={say("allTypes")} values={listed(rules.blocked)} onChange={onChange} />
        <div className={classes.types}>
          {types.map((one) => (
            <BlockedList
              key={String(one.name)}
              title={typeName(String(one.name))}
              type={String(one.name)}
              values={listed(one.blocked)}
              patterns={listed(one.blocked_patterns)}
              repeats={typeof one.blocked_repeats === "number" ? one.blocked_repeats : undefined}
              onChange={onChange}
            />
          ))}
        </div>
      </Stack>
    </Panel>
  );
}

interface ListProps {
  title: string;
  type?: string;
  values: string[];
  patterns?: string[];
  repeats?: number | undefined;
  onChange: Change;
}

function BlockedList({ title, type, values, patterns = [], repeats, onChange }: ListProps) {
  const say = useTranslations("identity.values");
  return (
    <section aria-label={title}>
      <Text size="sm" fw={600} mb={4}>
        {title}
      </Text>
      <Group gap={6}>
        {values.map((value) =>
          onChange ? (
            <Pill
              key={value}
              withRemoveButton
              onRemove={() => onChange((rules) => releasing(rules, type, value))}
              removeButtonProps={{
                "aria-label": say("releaseBlocked", { value: shown(value) }),
                "aria-hidden": false,
                tabIndex: 0,
              }}
            >
              {shown(value)}
            </Pill>
          ) : (
            <Code key={value}>{shown(value)}</Code>
          ),
        )}
        {patterns.map((pattern) => (
          <Code key={pattern}>{pattern}</Code>
        ))}
        {values.length + patterns.length === 0 && repeats === undefined && (
          <Text size="xs" c="dimmed">
            {say("noneBlocked")}
          </Text>
        )}
      </Group>
      {repeats !== undefined && (
        <Text size="xs" c="dimmed" mt={4}>
          {say("repeats", { count: repeats })}
        </Text>
      )}
    </section>
  );
}

/** A value in a list; the empty one, too, must be seen. */
const shown = (value: string) => (value === "" ? "“”" : value);
