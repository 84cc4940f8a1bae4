import { Text, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { Foreign } from "../../../show/Foreign";
import { parsed } from "../asked";
import { useBuilding } from "./Building";
import classes from "./builder.module.css";
import { type Condition, complete, readPart, replace, type Tree } from "./tree";

interface Props {
  part: Condition;
  /** It was asked for, and wants to be written in. */
  wanted: boolean;
  onEnter: () => void;
  onLeave: () => void;
}

/** A condition as its text: what has no form, or is wanted so. */
export function PartText({ part, wanted, onEnter, onLeave }: Props) {
  const say = useTranslations("segments.builder");
  const { root, change } = useBuilding();
  const { told } = useTold();
  const printed = useQuery({
    ...parsed(part.rule, undefined),
    ...(complete(part.rule) ? {} : { queryFn: skipToken }),
  });
  const [typed, setTyped] = useState<string | null>(null);
  const [left, setLeft] = useState(false);
  const [asked] = useDebouncedValue(typed, 250);
  const read = useQuery({
    ...parsed(asked ?? "", undefined),
    ...(asked === null || asked.trim() === "" ? { queryFn: skipToken } : {}),
  });
  const answer = read.isPlaceholderData || read.data?.text !== typed ? undefined : read.data;
  const error = typed !== null ? answer?.errors[0] : undefined;
  const rule = error ? undefined : ((answer?.rule ?? undefined) as Tree | undefined);

  // What was typed holds at once; when it is left, several conditions get rows of their own.
  useEffect(() => {
    if (rule && JSON.stringify(rule) !== JSON.stringify(part.rule))
      change(replace(root, part.id, (one) => ({ ...one, rule })));
    else if (left && (rule || typed === null)) {
      setLeft(false);
      setTyped(null);
      onLeave();
      if (rule) change(replace(root, part.id, (one) => spread(one as Condition, rule)));
    }
  }, [rule, typed, left, part, root, change, onLeave]);

  return (
    <>
      <Textarea
        size="xs"
        autosize
        minRows={1}
        maxRows={12}
        autoFocus={wanted}
        spellCheck={false}
        aria-label={say("conditionText")}
        placeholder={'city = "Bangkok"'}
        classNames={{ input: classes.mono }}
        value={typed ?? printed.data?.text ?? ""}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onFocus={() => {
          setLeft(false);
          onEnter();
        }}
        onBlur={() => setLeft(true)}
        error={error && <Foreign said={told(error)} />}
      />
      {!error && (
        <Text size="xs" c="dimmed" mt={2}>
          {say("textHow")}
        </Text>
      )}
    </>
  );
}

function spread(part: Condition, rule: Tree) {
  const read = readPart(rule);
  return { ...read, id: part.id, not: part.not !== read.not };
}
