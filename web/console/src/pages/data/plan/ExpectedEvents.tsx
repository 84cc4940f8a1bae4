import { Accordion, Badge, Checkbox, Group, ScrollArea, Select, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { usage, useSaving } from "./asked";
import {
  type Expected,
  type Fault,
  isSettled,
  type NamedPlan,
  type PlanBody,
  short,
  TYPES,
  whole,
} from "./plan";

interface Props {
  plan: NamedPlan;
  faults: Fault[];
}

/** What the plan expects, event by event, beside how often it came. */
export function ExpectedEvents({ plan, faults }: Props) {
  const say = useTranslations("plan");
  const { number } = useAmounts();
  const used = useQuery(usage(useAsOf()));
  const saving = useSaving();
  const { events, traits } = plan.body;
  const save = (body: PlanBody) => saving.mutate({ name: plan.name, body });
  const seen = (kind: "event" | "property" | "trait", event: string | null, name: string) =>
    used.data?.data.find(
      (one) => one.kind === kind && one.name === name && (one.event ?? null) === event,
    )?.rows;
  const open = faults.filter((one) => !isSettled(plan.body, one));
  const wrong = (event: string) => open.filter((one) => one.event === event).length;
  return (
    <Panel title={say("expected")} flush>
      <Accordion variant="default" chevronPosition="left" order={3}>
        {Object.entries(events ?? {}).map(([name, event]) => (
          <Accordion.Item key={name} value={`event ${name}`}>
            <Accordion.Control>
              <Head
                name={name}
                about={say("properties", { count: Object.keys(event.properties ?? {}).length })}
                came={seen("event", null, name)}
                wrong={wrong(name)}
              />
            </Accordion.Control>
            <Accordion.Panel>
              <Members
                members={event.properties ?? {}}
                open={event.open ?? false}
                openLabel={say("openEvent")}
                seen={(property) => seen("property", name, property)}
                onChange={(properties, isOpen) =>
                  save({
                    ...plan.body,
                    events: { ...events, [name]: { ...event, properties, open: isOpen } },
                  })
                }
              />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
        {traits && (
          <Accordion.Item value="traits">
            <Accordion.Control>
              <Head
                name={say("customers")}
                about={say("traits", { count: Object.keys(traits).length })}
                wrong={wrong("")}
              />
            </Accordion.Control>
            <Accordion.Panel>
              <Members
                members={traits}
                open={plan.body.open ?? false}
                openLabel={say("openPlan")}
                seen={(name) => seen("trait", null, name)}
                onChange={(next, isOpen) => save({ ...plan.body, traits: next, open: isOpen })}
                ofCustomers
              />
            </Accordion.Panel>
          </Accordion.Item>
        )}
      </Accordion>
      {saving.error && <Wrong error={saving.error} m="sm" />}
      {used.isError && <Wrong error={used.error} color="orange" m="sm" />}
      <Text size="xs" c="dimmed" p="sm">
        {say("expectedHow", { days: number(90) })}
      </Text>
    </Panel>
  );
}

interface HeadProps {
  name: string;
  about: string;
  came?: number;
  wrong: number;
}

function Head({ name, about, came, wrong }: HeadProps) {
  const say = useTranslations("plan");
  const { number } = useAmounts();
  return (
    <Group gap="xs">
      <Text size="sm" fw={600}>
        {name}
      </Text>
      <Text size="xs" c="dimmed" className="figures">
        {about}
        {came !== undefined && ` · ${say("came", { count: number(came) })}`}
      </Text>
      {wrong > 0 && <Badge color="orange">{say("wrong", { count: wrong })}</Badge>}
    </Group>
  );
}

interface MembersProps {
  members: Expected;
  open: boolean;
  openLabel: string;
  seen: (name: string) => number | undefined;
  onChange: (members: Expected, open: boolean) => void;
  ofCustomers?: boolean;
}

function Members({ members, open, openLabel, seen, onChange, ofCustomers = false }: MembersProps) {
  const say = useTranslations("plan");
  const may = useMay("definitions:write");
  const { number } = useAmounts();
  return (
    <>
      <ScrollArea type="auto" {...FOCUSABLE}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("name")}</Table.Th>
              <Table.Th>{say("type")}</Table.Th>
              {!ofCustomers && <Table.Th>{say("required")}</Table.Th>}
              <Table.Th ta="right">{say("seen")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(members).map(([name, one]) => {
              const held = whole(one);
              const put = (change: object) =>
                onChange({ ...members, [name]: short({ ...held, ...change }) }, open);
              const rows = seen(name);
              return (
                <Table.Tr key={name}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{name}</Table.Td>
                  <Table.Td>
                    <Select
                      size="xs"
                      w={130}
                      aria-label={say("typeOf", { name })}
                      data={TYPES.map((value) => ({ value, label: say(`types.${value}`) }))}
                      value={held.type ?? "any"}
                      disabled={!may}
                      onChange={(type) => put({ type })}
                      allowDeselect={false}
                    />
                  </Table.Td>
                  {!ofCustomers && (
                    <Table.Td>
                      <Checkbox
                        aria-label={say("requiredOf", { name })}
                        checked={held.required ?? false}
                        disabled={!may}
                        onChange={(event) => put({ required: event.currentTarget.checked })}
                      />
                    </Table.Td>
                  )}
                  <Table.Td ta="right" c={rows === undefined ? "dimmed" : undefined}>
                    {rows === undefined ? say("never") : number(rows)}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </ScrollArea>
      <Checkbox
        mt="sm"
        label={openLabel}
        checked={open}
        disabled={!may}
        onChange={(event) => onChange(members, event.currentTarget.checked)}
      />
    </>
  );
}
