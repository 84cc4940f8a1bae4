import { ActionIcon, Checkbox, Group, Stack } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import classes from "../builder.module.css";
import { Add } from "../fields/Add";
import { Filter, of } from "../fields/Filter";
import { EventField } from "../fields/Names";
import { SpanField } from "../fields/Span";
import { WindowField } from "../fields/Window";
import type { Tree } from "../tree";
import type { FormProps } from ".";
import { isTree, put } from "./fits";
import { Brands } from "./Scope";

/** Events one after the other. */
export function SequenceForm({ rule, onChange }: FormProps) {
  const say = useTranslations("segments.builder");
  const steps = Array.isArray(rule.sequence) ? rule.sequence.filter(isTree) : [];
  const put_ = (next: Tree[]) => onChange({ ...rule, sequence: next });
  return (
    <Stack gap={6}>
      {steps.map((step, at) => (
        // Steps have nothing else that stays theirs.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at}>
          <Step
            step={step}
            first={at === 0}
            last={at === steps.length - 1}
            onChange={(next) => put_(steps.with(at, next))}
            onRemove={steps.length > 2 ? () => put_(steps.toSpliced(at, 1)) : undefined}
          />
        </div>
      ))}
      <Group gap={6}>
        <Add label={say("addStep")} onClick={() => put_([...steps, { event: "", within: "1d" }])} />
        <span>{say("allOfIt")}</span>
        <WindowField value={rule.in} onChange={(window) => onChange(put(rule, "in", window))} />
        <Brands rule={rule} onChange={onChange} />
      </Group>
    </Stack>
  );
}

interface StepProps {
  step: Tree;
  first: boolean;
  last: boolean;
  onChange: (step: Tree) => void;
  onRemove?: () => void;
}

function Step({ step, first, last, onChange, onRemove }: StepProps) {
  const say = useTranslations("segments.builder");
  return (
    <>
      <Group gap={6}>
        <span className={classes.word}>{say(first ? "firstStep" : "thenStep")}</span>
        {last && !first && (
          <Checkbox
            size="xs"
            label={say("notStep")}
            checked={step.not === true}
            onChange={(event) => {
              const not = event.currentTarget.checked || undefined;
              // Until when nothing may follow has to be said.
              onChange(put({ ...step, within: step.within ?? "1d" }, "not", not));
            }}
          />
        )}
        <EventField rule={step} onChange={onChange} />
        {!first && (
          <>
            <Checkbox
              size="xs"
              label={say("within")}
              disabled={step.not === true}
              checked={step.within !== undefined}
              onChange={(event) =>
                onChange(put(step, "within", event.currentTarget.checked ? "1d" : undefined))
              }
            />
            {step.within !== undefined && (
              <SpanField
                label={say("length")}
                value={step.within}
                onChange={(within) => onChange({ ...step, within })}
              />
            )}
          </>
        )}
        {onRemove && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={say("removeStep")}
            onClick={onRemove}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </Group>
      <Filter
        of={of(step)}
        value={step.where}
        onChange={(where) => onChange(put(step, "where", where))}
      />
      {!first && step.not !== true && <Without step={step} onChange={onChange} />}
    </>
  );
}

/** What must not lie between a step and the one before. */
function Without({ step, onChange }: Pick<StepProps, "step" | "onChange">) {
  const say = useTranslations("segments.builder");
  const none = Array.isArray(step.without) ? step.without.filter(isTree) : [];
  const put_ = (next: Tree[]) => onChange(put(step, "without", next.length ? next : undefined));
  return (
    <div className={classes.adds}>
      {none.map((one, at) => (
        // They have nothing else that stays theirs.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at} className={classes.filter}>
          <Group gap={6}>
            <span className={classes.word}>{say("without")}</span>
            <EventField rule={one} onChange={(next) => put_(none.with(at, next))} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={say("removeStep")}
              onClick={() => put_(none.toSpliced(at, 1))}
            >
              <IconX size={14} />
            </ActionIcon>
          </Group>
          <Filter
            of={of(one)}
            value={one.where}
            onChange={(where) => put_(none.with(at, put(one, "where", where)))}
          />
        </div>
      ))}
      <Add label={say("addWithout")} onClick={() => put_([...none, { event: "" }])} />
    </div>
  );
}
