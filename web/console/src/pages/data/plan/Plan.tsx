import { Badge, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Refused } from "../../../show/Refused";
import { allPlans, report } from "./asked";
import { ExpectedEvents } from "./ExpectedEvents";
import { Faults } from "./Faults";
import { FirstPlan } from "./FirstPlan";
import { type NamedPlan, planAbout } from "./plan";
import { Refusing } from "./Refusing";
import { Usage } from "./Usage";

/** What sources are expected to send, what came instead, and what nobody uses. */
export function Plan() {
  const say = useTranslations("plan");
  const plans = useQuery(allPlans);
  const { plan: wanted } = useSearch({ from: "/data/plan" });
  const chosen = plans.data?.find((one) => one.name === wanted) ?? plans.data?.[0];
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={720}>
        {say("about")}
      </Text>
      {plans.isError && <Refused error={plans.error} again={plans.refetch} />}
      {plans.isPending && <Skeleton height={200} />}
      {plans.data?.length === 0 && <FirstPlan />}
      {plans.data && chosen && <One plans={plans.data} plan={chosen} />}
      <Usage />
    </Stack>
  );
}

function One({ plans, plan }: { plans: NamedPlan[]; plan: NamedPlan }) {
  const say = useTranslations("plan");
  const navigate = useNavigate({ from: "/data/plan" });
  const faults = useQuery(report);
  const about = (faults.data?.data ?? []).filter(
    ({ source }) => planAbout(plans, source)?.name === plan.name,
  );
  const sources = plan.body.sources ?? [];
  return (
    <>
      <Group gap="xs">
        <Select
          aria-label={say("plan")}
          data={plans.map(({ name }) => name)}
          value={plan.name}
          onChange={(name) => navigate({ search: { plan: name ?? undefined } })}
          allowDeselect={false}
        />
        {sources.length === 0 ? (
          <Badge color="gray">{say("allOthers")}</Badge>
        ) : (
          sources.map((name) => (
            <Badge key={name} color="gray">
              {name}
            </Badge>
          ))
        )}
      </Group>
      {faults.isError && <Refused error={faults.error} again={faults.refetch} />}
      {faults.isPending && <Skeleton height={160} />}
      {faults.data && <Faults plan={plan} faults={about} />}
      <Refusing plan={plan} />
      <ExpectedEvents plan={plan} faults={about} />
    </>
  );
}
