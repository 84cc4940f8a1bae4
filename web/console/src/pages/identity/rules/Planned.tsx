import { Alert, Button, Group, Progress, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { CONCERNED, type Work, workOf } from "../asked";
import { Apply } from "./Apply";
import { useDraft } from "./draft";
import { Effects } from "./Effects";
import { faultOf } from "./text";

/** A plan or a change: how far it is, and what came out. It goes on when the page is left. */
export function Planned({ work: id }: { work: string }) {
  const say = useTranslations("identity.rules");
  const navigate = useNavigate({ from: "/identity/rules" });
  const cache = useQueryClient();
  const { draft, setDraft } = useDraft();
  const found = useQuery(workOf(id));
  const work = found.data;
  const applied = work?.state === "done" && work.action !== "plan";
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each change that was made
  useEffect(() => {
    if (!applied) return;
    setDraft(null);
    for (const first of CONCERNED) void cache.invalidateQueries({ queryKey: [first] });
  }, [applied, id]);
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each plan is brought into view once
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, [id]);
  const close = (
    <Button variant="default" size="compact-sm" onClick={() => navigate({ search: {} })}>
      {say("close")}
    </Button>
  );
  return (
    <div ref={box}>
      <Panel title={say(`works.${work?.action ?? "plan"}`)} aside={close}>
        {found.isError && <Refused error={found.error} />}
        {found.isPending && <Skeleton height={120} />}
        {work?.state === "running" && <Running work={work} />}
        {work?.state === "failed" && (
          <Alert color="red" role="alert" title={say("failed")}>
            <Failure work={work} text={draft?.planned ?? ""} />
          </Alert>
        )}
        {work?.state === "done" && work.plan && (
          <Stack gap="md" data-work={work.action}>
            {applied && (
              <Alert color="teal" role="status">
                {say("applied", { version: String(work.plan.version) })}
              </Alert>
            )}
            <Effects plan={work.plan} applied={applied} />
            {!applied && <Apply plan={work.plan} />}
          </Stack>
        )}
      </Panel>
    </div>
  );
}

/** Why it failed, with the line of the text that is wrong. */
function Failure({ work, text }: { work: Work; text: string }) {
  const say = useTranslations("identity.rules");
  const refusal = { message: work.error ?? "", field: work.error_field };
  const { line, message } = faultOf(refusal, text);
  return (
    <>
      {line !== undefined && `${say("line", { line: String(line) })} `}
      {message}
    </>
  );
}

function Running({ work }: { work: Work }) {
  const say = useTranslations("identity.rules");
  const { number } = useAmounts();
  const known = work.total !== null && work.total > 0;
  return (
    <Stack gap="xs">
      <Progress
        value={known ? (100 * work.done) / (work.total ?? 1) : 100}
        animated={!known}
        aria-label={say("progress")}
      />
      <Group justify="space-between">
        <Text size="sm" role="status">
          {work.stage || say("waiting")}
        </Text>
        {known && (
          <Text size="xs" c="dimmed" className="figures">
            {number(work.done)} / {number(work.total ?? 0)}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {say("leave")}
      </Text>
    </Stack>
  );
}
