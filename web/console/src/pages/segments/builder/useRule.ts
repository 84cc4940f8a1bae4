import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useAsOf } from "../../../app/AsOf";
import { parsed, previewed, type RuleFault, type RulePlace } from "../asked";
import { type Group, read, type Tree, write } from "./tree";

/** So long after the last change the server is asked, in milliseconds. */
const SETTLES = 200;

export interface Ruling {
  root: Group;
  change: (root: Group) => void;
  /** The rule as text: as typed, else as the server prints the conditions. */
  text: string;
  type: (text: string) => void;
  /** What is to be saved: the text as typed, else the conditions; null while there is nothing. */
  leading: string | Tree | null;
  /** What holds now; null while nothing is complete. */
  rule: Tree | null;
  incomplete: string[];
  /** What is wrong, and what is probably a mistake. */
  errors: RuleFault[];
  warnings: RuleFault[];
  /** Errors in the text, while it was typed and is not what the conditions say. */
  apart: boolean;
  /** By the id of a part: where it stands in the text, and what is wrong in it. */
  place: (id: string) => RulePlace | undefined;
  fault: (id: string) => RuleFault | undefined;
  /** How many customers a part lets through by itself; undefined until it is known. */
  count: (id: string) => number | undefined;
  preview: ReturnType<typeof useQuery<Preview>>;
  /** The answers belong to what is shown, and not to what was before. */
  settled: boolean;
}

type Preview = Awaited<
  ReturnType<Extract<ReturnType<typeof previewed>["queryFn"], CallableFunction>>
>;

/**
 * A rule as conditions and as text. Whichever is changed, the other follows from the server.
 *
 * @param text What it begins with, as it was written.
 * @param rule The same as a tree, where it is known.
 * @param name The segment that it defines; a circle through it is found.
 */
export function useRule(text: string | null, rule: Tree | null = null, name?: string): Ruling {
  const asOf = useAsOf();
  const [root, setRoot] = useState(() => read(rule));
  // What was typed leads until a condition is changed; null while conditions lead.
  const [typed, setTyped] = useState(text);
  const written = useMemo(() => write(root), [root]);

  const leading = typed?.trim() === "" ? null : (typed ?? written.rule);
  const [asked] = useDebouncedValue(leading, SETTLES);
  const parse = useQuery({
    ...parsed(asked ?? "", name),
    ...(asked === null ? { queryFn: skipToken } : {}),
  });
  const answer = parse.isPlaceholderData ? undefined : parse.data;
  const errors = leading ? (answer?.errors ?? []) : [];

  // The last text that the conditions were printed as stays until the next one is there.
  const [printed, setPrinted] = useState("");
  useEffect(() => {
    if (typed === null && answer?.text != null) setPrinted(answer.text);
  }, [answer, typed]);

  // Text that can be read becomes conditions.
  useEffect(() => {
    if (typed === null) return;
    if (typed.trim() === "") setRoot(read(null));
    else if (answer?.text === typed && answer.rule && answer.errors.length === 0)
      setRoot(read(answer.rule as Tree));
  }, [answer, typed]);

  const apart = typed !== null && errors.length > 0;
  const sound = written.rule !== null && errors.length === 0;
  const [counted] = useDebouncedValue(written.rule, SETTLES);
  const preview = useQuery({
    ...previewed(counted ?? {}, asOf),
    ...(counted === null || !sound ? { queryFn: skipToken } : {}),
  });
  const settled =
    sound && counted === written.rule && asked === leading && !preview.isPlaceholderData;

  const shown = typed ?? (written.rule === null ? "" : printed);
  const path = (id: string) => written.paths.get(id);
  return {
    root,
    change: (next) => {
      setRoot(next);
      setTyped(null);
    },
    text: shown,
    type: setTyped,
    leading,
    rule: written.rule,
    incomplete: written.incomplete,
    errors,
    warnings: leading ? (answer?.warnings ?? []) : [],
    apart,
    place: (id) => {
      const at = path(id);
      return at === undefined || answer?.text !== shown ? undefined : answer.places[at];
    },
    fault: (id) => {
      const at = path(id);
      if (at === undefined || typed !== null) return undefined;
      return [...errors, ...(answer?.warnings ?? [])].find(({ path: where }) => within(where, at));
    },
    count: (id) => {
      const at = path(id);
      return settled && at !== undefined ? preview.data?.counts?.[at] : undefined;
    },
    preview,
    settled,
  };
}

/** Whether a rule is whole and right, as far as is known. */
export const savable = ({ leading, rule, errors, incomplete }: Ruling): boolean =>
  leading !== null && rule !== null && errors.length === 0 && incomplete.length === 0;

/** Whether a path is that of a part, or leads on into what the part says itself. */
function within(path: string | null | undefined, part: string): boolean {
  if (path === null || path === undefined) return false;
  if (path === part) return true;
  const rest = part === "" ? path : path.startsWith(`${part}.`) ? path.slice(part.length + 1) : "";
  // Parts inside it say it themselves.
  return rest !== "" && !/^(all|any|of)\[/.test(rest) && rest !== "not";
}
