import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { Dialog } from "../../../show/Dialog";
import { Wrong } from "../../../show/Refused";
import type { Plan, Work } from "../asked";
import { useDraft } from "./draft";
import { type Rules, read } from "./text";

/** Having the planned rules hold, once somebody has said so twice. */
export function Apply({ plan }: { plan: Plan }) {
  const say = useTranslations("identity.rules");
  const navigate = useNavigate({ from: "/identity/rules" });
  const [asked, setAsked] = useState(false);
  const { draft } = useDraft();
  const earlier = plan.brings_back;
  const rules = draft?.planned === undefined ? undefined : read(draft.planned).rules;
  const doing = useMutation({
    mutationFn: () => (earlier === null ? apply(plan, rules ?? {}) : revert(plan, earlier)),
    onSuccess: ({ work_id }) => navigate({ search: { work: work_id } }),
    onSettled: () => setAsked(false),
  });
  const stale = earlier === null && (rules === undefined || draft?.text !== draft?.planned);
  const forbidden = plan.contradicts ?? [];
  return (
    <Stack gap="sm">
      {forbidden.map((one) => (
        <Alert key={one.type} color="orange" title={say("contradicts", { type: one.type })}>
          {say("contradictsHow", { decisions: one.decisions.join(", ") })}
        </Alert>
      ))}
      {stale && <Alert color="orange">{say("stale")}</Alert>}
      {doing.error && <Wrong error={doing.error} />}
      <Group>
        <Button
          size="sm"
          disabled={stale || forbidden.length > 0}
          loading={doing.isPending}
          onClick={() => setAsked(true)}
        >
          {earlier === null ? say("apply") : say("bringBack", { version: String(earlier) })}
        </Button>
      </Group>
      <Dialog opened={asked} onClose={() => setAsked(false)} title={say("applyTitle")}>
        <Stack gap="sm">
          <Text size="sm">{say("applyHow", { version: String(plan.version) })}</Text>
          <Group>
            <Button size="sm" onClick={() => doing.mutate()} loading={doing.isPending}>
              {say("confirm")}
            </Button>
            <Button size="sm" variant="default" onClick={() => setAsked(false)}>
              {say("cancel")}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </Stack>
  );
}

const BRIEFLY = { params: { query: { wait: 0.2 } } };

function apply(plan: Plan, rules: Rules): Promise<Work> {
  const { fingerprint } = plan;
  return body(
    api.POST("/api/v1/identity/apply", { ...BRIEFLY, body: { rules, fingerprint, origin: "api" } }),
  );
}

function revert(plan: Plan, version: number): Promise<Work> {
  const { fingerprint } = plan;
  return body(
    api.POST("/api/v1/identity/revert", {
      ...BRIEFLY,
      body: { version, fingerprint, origin: "api" },
    }),
  );
}
