import { Badge, Code, Group, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import classes from "../Identity.module.css";
import { listed, type Rules, typesOf } from "./text";

/** Types of identifiers, the strongest first, each in words. */
export function Types({ rules }: { rules: Rules }) {
  const say = useTranslations("identity.rules");
  const types = typesOf(rules);
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {say("typesHow")}
      </Text>
      <ol className={classes.types}>
        {types.map((one, at) => (
          <li key={String(one.name)} className={classes.type}>
            <Group gap="xs" mb={4}>
              <Badge variant="outline" color="gray" className="figures">
                {at + 1}
              </Badge>
              <Text fw={600} size="sm">
                {String(one.name)}
              </Text>
              {one.scope === "brand" && <Badge color="gray">{say("ofBrand")}</Badge>}
              {one.unique === true && <Badge>{say("unique")}</Badge>}
            </Group>
            <Said type={one} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Said({ type }: { type: Rules }) {
  const say = useTranslations("identity.rules");
  const { number } = useAmounts();
  const fields = listed(type.fields);
  const blocked = listed(type.blocked).length + listed(type.blocked_patterns).length;
  const said = [
    typeof type.identifies === "string" && say("identifies", { what: type.identifies }),
    typeof type.limit === "number" &&
      (typeof type.limit_window === "string"
        ? say("limitWithin", { most: number(type.limit), window: type.limit_window })
        : say("limit", { most: number(type.limit) })),
    typeof type.held_back_above === "number" &&
      say("heldBackAbove", { most: number(type.held_back_above) }),
    typeof type.consent === "string" && say("consent", { category: type.consent }),
    typeof type.normal_form === "string" && say("normalForm", { form: type.normal_form }),
    blocked > 0 && say("blockedCount", { count: blocked }),
  ].filter((one) => one !== false);
  return (
    <>
      {said.map((one) => (
        <Text key={one} size="xs" c="dimmed">
          {one}
        </Text>
      ))}
      {fields.length > 0 && (
        <Group gap={4} mt={4}>
          {fields.map((field) => (
            <Code key={field}>{field}</Code>
          ))}
        </Group>
      )}
    </>
  );
}
