import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { useFieldName } from "../../show/fields";
import { Long } from "../../show/Long";
import { Panel } from "../../show/Panel";
import { useTypeName } from "../../show/types";
import { When } from "../../show/When";
import { useWritten } from "../../show/written";
import classes from "./Customer.module.css";
import { type Identifier, originOf, type Profile, plainly, type Trait } from "./customer";

/** Shown where they belong, and not among the other traits. */
const ELSEWHERE = new Set(["tags", "switches"]);
const MOST = 14;

/** Who it is: identifiers, and what sources told. */
export function About({ profile }: { profile: Profile }) {
  const say = useTranslations("customer");
  const called = useFieldName();
  const identified = new Set(profile.identifiers.flatMap((one) => [one.value, one.original]));
  const told = Object.entries(profile.traits).filter(
    ([name, trait]) =>
      !trait.computed && !ELSEWHERE.has(name) && !identified.has(plainly(trait.value)),
  );
  return (
    <Panel title={say("about")}>
      <dl className={classes.facts}>
        {profile.identifiers.map((one) => (
          <Known key={`${one.type}:${one.value}`} identifier={one} />
        ))}
        {told.slice(0, MOST).map(([name, trait]) => (
          <Fact key={name} name={called(name)} trait={trait} />
        ))}
      </dl>
      {told.length > MOST && (
        <Text size="xs" c="dimmed" mt="xs">
          {say("moreTraits", { count: told.length - MOST })}
        </Text>
      )}
    </Panel>
  );
}

/** A trait; below it who said so, when, and whether it was bought or concluded. */
function Fact({ name, trait }: { name: string; trait: Trait }) {
  const say = useTranslations("customer");
  const written = useWritten();
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Long text={written(trait.value)} />
        <Text size="xs" c="dimmed">
          {trait.source}
          {trait.occurred_at && (
            <>
              {" · "}
              <When at={trait.occurred_at} />
            </>
          )}
          {originOf(trait).map((one) => ` · ${say(`origin.${one}`)}`)}
        </Text>
      </dd>
    </>
  );
}

function Known({ identifier }: { identifier: Identifier }) {
  const say = useTranslations("teaching");
  const typeName = useTypeName();
  return (
    <>
      <dt>{typeName(identifier.type)}</dt>
      <dd>
        <Group gap={4} wrap="nowrap" justify="space-between">
          <span>
            <Long text={identifier.original} />
          </span>
          <CopyButton value={identifier.value}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? say("copied") : say("copy")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={24}
                  onClick={copy}
                  aria-label={`${say("copy")}: ${identifier.value}`}
                >
                  {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </Group>
      </dd>
    </>
  );
}
