import {
  Alert,
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { api, body, Problem, type Schema } from "../../../api/client";
import { vocabulary } from "../../../api/vocabulary";
import { useAsOf } from "../../../app/AsOf";
import { useTold } from "../../../language/told";
import { useMay } from "../../../session/session";
import { Panel } from "../../../show/Panel";
import { Wrong } from "../../../show/Refused";
import { allSegments, type Segment } from "../asked";
import { type About, useAddress } from "./useAddress";

type Goal = Schema["Goal"];
const MONEY = [
  "revenue",
  "average_order_value",
  "revenue_per_member",
  "refunded",
  "net_revenue",
  "margin",
];
const MEASURES = [
  "members",
  "buyers",
  "buyer_rate",
  "repeat_buyers",
  "repeat_rate",
  "orders",
  "orders_per_member",
  "orders_per_buyer",
  ...MONEY,
] as Goal["measure"][];

interface Props {
  segment?: Segment;
  /** Who is in it; null while that cannot be saved. */
  made: Pick<Schema["Definition"], "rule" | "values"> | null;
  /** It names what never occurred. */
  warned: boolean;
}

/** What a segment is called and is for; saving it. */
export function Save({ segment, made, warned }: Props) {
  const say = useTranslations("segments.save");
  const may = useMay("segments:write");
  const asOf = useAsOf();
  const { data: all } = useQuery(allSegments(asOf));
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [unknown, setUnknown] = useState(false);
  const begin = asSaved(segment);
  const { about } = useSearch({ strict: false });
  const [draft, setDraft] = useState<About>(() => ({
    ...begin,
    ...about,
    ...(segment && { name: segment.name }),
  }));
  useAddress("about", otherThan(begin, draft));
  const put = (part: Partial<About>) => setDraft({ ...draft, ...part });
  const save = useMutation({
    mutationFn: () =>
      body(
        api.PUT("/api/v1/segments/{name}", {
          params: { path: { name: draft.name }, query: { allow_unknown: unknown } },
          body: {
            ...made,
            description: draft.description || null,
            owner: draft.owner || null,
            journey_stage: draft.journey_stage || null,
            goal: draft.goal as Goal | null,
          },
        }),
      ),
    onSuccess: ({ name }) => {
      cache.invalidateQueries({ queryKey: ["segments"] });
      cache.invalidateQueries({ queryKey: ["vocabulary"] });
      notifications.show({ message: say("saved", { name }), color: "teal" });
      navigate({ to: "/segments/$name", params: { name } });
    },
  });
  const taken = !segment && all?.data.some(({ name }) => name === draft.name);
  const ready = made !== null && draft.name !== "" && !taken;
  const nameField = useRef<HTMLInputElement>(null);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (ready && may && !save.isPending) save.mutate();
    else if (draft.name === "" || taken) nameField.current?.focus();
  };
  // From wherever one types.
  useHotkeys([["mod+S", () => submit()]], []);
  const { refusal } = useTold();
  const wrong = save.error instanceof Problem ? save.error : null;
  const stages = [...new Set((all?.data ?? []).flatMap((one) => one.journey_stage ?? []))];
  return (
    <Panel title={say("title")}>
      <form onSubmit={submit}>
        <Stack gap="xs">
          <TextInput
            ref={nameField}
            label={say("name")}
            required
            disabled={segment !== undefined}
            placeholder="lapsed-tea-drinkers"
            value={draft.name}
            onChange={(event) => put({ name: event.currentTarget.value.trim() })}
            error={taken ? say("taken") : wrong?.field === "name" && refusal(wrong).title}
          />
          <Textarea
            label={say("description")}
            autosize
            minRows={2}
            value={draft.description}
            onChange={(event) => put({ description: event.currentTarget.value })}
          />
          <Group grow gap="xs">
            <TextInput
              label={say("owner")}
              value={draft.owner}
              onChange={(event) => put({ owner: event.currentTarget.value })}
            />
            <TextInput
              label={say("stage")}
              placeholder={stages[0] ?? "consideration"}
              value={draft.journey_stage}
              onChange={(event) => put({ journey_stage: event.currentTarget.value })}
            />
          </Group>
          <GoalFields goal={draft.goal} onChange={(goal) => put({ goal })} />
          {warned && (
            <Checkbox
              label={say("allowUnknown")}
              checked={unknown}
              onChange={(event) => setUnknown(event.currentTarget.checked)}
            />
          )}
          {save.error && <Wrong error={save.error} />}
          <Button type="submit" size="sm" disabled={!ready || !may} loading={save.isPending}>
            {say(segment ? "saveChanges" : "save")}
          </Button>
          {!may && (
            <Alert color="gray" p="xs">
              {say("mayNot")}
            </Alert>
          )}
        </Stack>
      </form>
    </Panel>
  );
}

/** What it begins with. */
const asSaved = (segment?: Segment): About => ({
  name: segment?.name ?? "",
  description: segment?.description ?? "",
  owner: segment?.owner ?? "",
  journey_stage: segment?.journey_stage ?? "",
  goal: (segment?.goal as Goal | null | undefined) ?? null,
});

/** What was written since; undefined while it is nothing. */
function otherThan(begin: About, draft: About): Partial<About> | undefined {
  const parts = Object.keys(begin) as (keyof About)[];
  const other = parts.filter((one) => JSON.stringify(begin[one]) !== JSON.stringify(draft[one]));
  if (other.length === 0) return undefined;
  return Object.fromEntries(other.map((one) => [one, draft[one]]));
}

interface GoalProps {
  goal: Partial<Goal> | null;
  onChange: (goal: Partial<Goal> | null) => void;
}

function GoalFields({ goal, onChange }: GoalProps) {
  const say = useTranslations("segments");
  const { data } = useQuery(vocabulary);
  const money = goal?.measure !== undefined && MONEY.includes(goal.measure);
  return (
    <Group grow gap="xs" align="flex-end">
      <Select
        label={say("save.goal")}
        placeholder={say("save.noGoal")}
        clearable
        data={MEASURES.map((one) => ({ value: one, label: say(`measures.${one}`) }))}
        value={goal?.measure ?? null}
        onChange={(chosen) => {
          const measure = chosen as Goal["measure"] | null;
          const currency = measure && MONEY.includes(measure) ? data?.currencies[0] : undefined;
          onChange(measure && { measure, target: goal?.target ?? 0, currency });
        }}
      />
      {goal && (
        <NumberInput
          label={say("save.target")}
          min={0}
          hideControls
          value={goal.target}
          onChange={(typed) => onChange({ ...goal, target: Number(typed) })}
        />
      )}
      {goal && money && (
        <Select
          label={say("save.currency")}
          data={data?.currencies ?? []}
          value={goal.currency ?? null}
          onChange={(currency) => onChange({ ...goal, currency: currency ?? undefined })}
        />
      )}
    </Group>
  );
}
