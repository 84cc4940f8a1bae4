import { Badge, Button, Code, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { DAYS, inferred, useSaving } from "./asked";
import { accepting, type Fault, isSettled, type NamedPlan, opening } from "./plan";
import classes from "./plan.module.css";

/** What came otherwise than planned, and what can be done about each. */
export function Faults({ plan, faults }: { plan: NamedPlan; faults: Fault[] }) {
  const say = useTranslations("plan");
  const open = faults.filter((one) => !isSettled(plan.body, one));
  const settled = faults.length - open.length;
  const several = new Set(faults.map(({ source }) => source)).size > 1;
  return (
    <Panel
      title={say("faults", { days: DAYS })}
      aside={settled > 0 && <Badge color="teal">{say("settled", { count: settled })}</Badge>}
      flush
    >
      {open.length === 0 ? (
        <Teaching title={say("noFaults")}>{say("noFaultsHow")}</Teaching>
      ) : (
        <ul className={classes.faults}>
          {open.map((one) => (
            <li
              key={`${one.source} ${one.event} ${one.field} ${one.fault} ${one.told}`}
              className={classes.fault}
            >
              <About fault={one} withSource={several} />
              <Mending plan={plan} fault={one} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function About({ fault, withSource }: { fault: Fault; withSource: boolean }) {
  const say = useTranslations("plan");
  const { number } = useAmounts();
  const unknown = fault.fault.startsWith("unknown");
  return (
    <>
      <div className={classes.what}>
        <Group gap={6}>
          <Text size="sm" fw={600}>
            {fault.event || say("customers")}
          </Text>
          {fault.fault !== "unknown_event" && (
            <Code>{fault.field.replace(/^(properties|traits)\./, "")}</Code>
          )}
          <Badge color="orange">{say(`kinds.${fault.fault}`)}</Badge>
        </Group>
        {(!unknown || withSource) && (
          <Text size="xs" c="dimmed">
            {[withSource && fault.source, !unknown && fault.told].filter(Boolean).join(" · ")}
          </Text>
        )}
      </div>
      <Text size="xs" c="dimmed" className="figures" component="div">
        {say("times", { count: fault.messages, shown: number(fault.messages) })} ·{" "}
        <When at={fault.last_seen} />
        {fault.refused > 0 && (
          <Text size="xs" c="var(--mantine-color-red-light-color)">
            {say("refusedOf", { count: number(fault.refused) })}
          </Text>
        )}
      </Text>
    </>
  );
}

/** Changing the plan so that it takes what came. */
function Mending({ plan, fault }: { plan: NamedPlan; fault: Fault }) {
  const say = useTranslations("plan");
  const mayWrite = useMay("definitions:write");
  const mayRead = useMay("messages:read");
  const cache = useQueryClient();
  const saving = useSaving();
  const adding = useMutation({
    mutationFn: async () => {
      const seen = mayRead ? await cache.fetchQuery(inferred(fault.source)) : null;
      await saving.mutateAsync({ name: plan.name, body: accepting(plan.body, fault, seen) });
    },
  });
  const opened = opening(plan.body, fault);
  if (!mayWrite) return null;
  const unknown = fault.fault.startsWith("unknown");
  const error = adding.error ?? saving.error;
  return (
    <div>
      <Group gap={6} className={classes.mending}>
        <Button variant="default" loading={adding.isPending} onClick={() => adding.mutate()}>
          {unknown ? say("add") : say(`relax.${fault.fault as "missing"}`)}
        </Button>
        {opened && (
          <Button
            variant="subtle"
            title={say("ignoreHow")}
            onClick={() => saving.mutate({ name: plan.name, body: opened })}
          >
            {say("ignore")}
          </Button>
        )}
      </Group>
      {error && <Wrong error={error} />}
    </div>
  );
}
