import { Anchor, Badge, Group, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Schema } from "../../../api/client";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import type { Plan } from "../asked";
import classes from "../Identity.module.css";

/** What a change of the rules comes to: how many, who stands out, and what segments make of it. */
export function Effects({ plan, applied }: { plan: Plan; applied: boolean }) {
  const say = useTranslations("identity.rules");
  return (
    <Stack gap="md">
      <Numbers numbers={plan.numbers} applied={applied} />
      <People title={say("suspicious")} people={plan.suspicious ?? []} />
      <People title={say("largest")} people={plan.largest ?? []} />
      <Examples examples={plan.examples ?? []} />
      <Segments segments={plan.segments ?? []} />
    </Stack>
  );
}

const KINDS = ["merging", "splitting", "moving"] as const;

function Numbers({ numbers, applied }: { numbers: Schema["Numbers"]; applied: boolean }) {
  const say = useTranslations("identity.rules");
  const { number } = useAmounts();
  return (
    <div>
      <Text fw={600} mb="xs">
        {say(applied ? "became" : "wouldBecome", {
          before: number(numbers.profiles_before),
          after: number(numbers.profiles_after),
        })}
      </Text>
      <Table maw={440} aria-label={say("numbers")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("what")}</Table.Th>
            <Table.Th ta="right">{say("profiles")}</Table.Th>
            <Table.Th ta="right">{say("become")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {KINDS.map((kind) => (
            <Table.Tr key={kind} data-kind={kind} data-count={numbers[kind]}>
              <Table.Td>{say(`kinds.${kind}`)}</Table.Td>
              <Table.Td ta="right">{number(numbers[kind])}</Table.Td>
              <Table.Td ta="right">{number(numbers[`${kind}_into`])}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        {say("links", {
          moved: number(numbers.identifiers_moved),
          kept: number(numbers.links_kept),
          lost: number(numbers.links_lost),
        })}
      </Text>
    </div>
  );
}

function People({ title, people }: { title: string; people: Partial<Suspicious>[] }) {
  const say = useTranslations("identity.rules");
  const { number } = useAmounts();
  if (people.length === 0) return null;
  return (
    <section aria-label={title}>
      <Text fw={600} mb={4}>
        {title}
      </Text>
      {people.slice(0, MOST).map((one) => (
        <div key={one.profile_id} className={classes.row}>
          <Group gap="xs">
            <Profile id={one.profile_id ?? 0} />
            <Badge color="gray">
              {say("identifiers", {
                count: one.identifiers ?? 0,
                shown: number(one.identifiers ?? 0),
              })}
            </Badge>
            <Badge color="gray">{say("ofProfiles", { count: one.profiles ?? 0 })}</Badge>
          </Group>
          {(one.reasons ?? []).map((reason) => (
            <Text key={reason} size="sm">
              {reason}
            </Text>
          ))}
          <Text size="xs" c="dimmed">
            {one.some?.join(", ")}
          </Text>
        </div>
      ))}
    </section>
  );
}

type Suspicious = Schema["SuspiciousProfile"];
const MOST = 10;

function Profile({ id }: { id: number }) {
  const say = useTranslations("identity");
  return (
    <Anchor
      size="sm"
      fw={500}
      renderRoot={(props) => <Link to="/customers/$id" params={{ id: String(id) }} {...props} />}
    >
      {say("profile", { id: String(id) })}
    </Anchor>
  );
}

function Examples({ examples }: { examples: Schema["Example"][] }) {
  const say = useTranslations("identity.rules");
  if (examples.length === 0) return null;
  const side = (people: Schema["Example"]["before"]) =>
    people.map((one) => one.some.join(", ")).join(" | ");
  return (
    <section aria-label={say("examples")}>
      <Text fw={600} mb={4}>
        {say("examples")}
      </Text>
      {examples.slice(0, MOST).map((one) => (
        <div key={`${side(one.before)} ${side(one.after)}`} className={classes.row}>
          <Group gap="xs" align="flex-start">
            <Badge color={one.kind === "merge" ? "indigo" : "orange"}>
              {say(`example.${one.kind}`)}
            </Badge>
            <Text size="sm">{one.reason}</Text>
          </Group>
          <Text size="xs" c="dimmed">
            {side(one.before)}
          </Text>
          <Text size="xs" c="dimmed">
            → {side(one.after)}
          </Text>
        </div>
      ))}
    </section>
  );
}

function Segments({ segments }: { segments: Schema["SegmentEffect"][] }) {
  const say = useTranslations("identity.rules");
  const { number, signed } = useAmounts();
  if (segments.length === 0) return null;
  const moved = segments.filter((one) => one.error || one.before !== one.after);
  return (
    <section aria-label={say("segments")}>
      <Text fw={600} mb={4}>
        {say("segments")}
      </Text>
      {moved.length === 0 && (
        <Text size="sm" c="dimmed">
          {say("segmentsStay", { count: segments.length })}
        </Text>
      )}
      {moved.length > 0 && (
        <ScrollArea type="auto" {...FOCUSABLE}>
          <Table maw={640}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("segment")}</Table.Th>
                <Table.Th ta="right">{say("now")}</Table.Th>
                <Table.Th ta="right">{say("then")}</Table.Th>
                <Table.Th ta="right">{say("change")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {moved.map((one) => (
                <Table.Tr key={one.name} data-segment={one.name}>
                  <Table.Td>
                    {one.name}
                    {one.error && (
                      <Text size="xs" c="dimmed">
                        {one.error}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td ta="right">{number(one.before ?? 0)}</Table.Td>
                  <Table.Td ta="right">{number(one.after ?? 0)}</Table.Td>
                  <Table.Td ta="right">{signed((one.after ?? 0) - (one.before ?? 0))}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </section>
  );
}
