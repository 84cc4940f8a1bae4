import { Checkbox, SimpleGrid, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { useSaving } from "./asked";
import { FAULTS, type NamedPlan } from "./plan";

/** For which faults a message is refused; all others are counted alone. */
export function Refusing({ plan }: { plan: NamedPlan }) {
  const say = useTranslations("plan");
  const may = useMay("definitions:write");
  const saving = useSaving();
  const held = (saving.isPending ? saving.variables.body : plan.body).refuse ?? [];
  const put = (fault: (typeof FAULTS)[number], on: boolean) =>
    saving.mutate({
      name: plan.name,
      body: {
        ...plan.body,
        refuse: FAULTS.filter((one) => (one === fault ? on : held.includes(one))),
      },
    });
  return (
    <Panel title={say("refuse")}>
      <Text size="sm" c="dimmed" mb="sm" maw={720}>
        {say("refuseHow")}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs">
        {FAULTS.map((fault) => (
          <Checkbox
            key={fault}
            label={say(`kinds.${fault}`)}
            description={say(`kindsHow.${fault}`)}
            checked={held.includes(fault)}
            disabled={!may || saving.isPending}
            onChange={(event) => put(fault, event.currentTarget.checked)}
          />
        ))}
      </SimpleGrid>
      {saving.error && <Wrong error={saving.error} m="sm" />}
    </Panel>
  );
}
