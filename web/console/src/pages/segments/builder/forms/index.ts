// Which form shows a condition. What none of them shows wholly is shown and edited as its text.

import type { ComponentType } from "react";
import type { Tree } from "../tree";
import { EventsForm } from "./Events";
import { areEvents, isTree, keyOf, MEASURES, only, PICKS, plainWindow } from "./fits";
import { MEMBERSHIPS, MembershipForm } from "./Membership";
import { CartForm, RfmForm, ShareForm, TopForm } from "./Others";
import { PATTERNS, PatternForm } from "./Patterns";
import { SequenceForm } from "./Sequence";
import { ChangedForm, TraitForm } from "./Trait";

export interface FormProps {
  rule: Tree;
  onChange: (rule: Tree) => void;
}

type Form = ComponentType<FormProps>;

/** Values that fields can show: anything but another measure to compare with. */
const plain = (rule: Tree) =>
  !isTree(rule.value) || rule.op === "within radius" || rule.op === "in box";

function fitsEvents(rule: Tree): boolean {
  const measure = keyOf(rule, [...MEASURES, ...PICKS]);
  if (!measure || !only(rule, [measure, "op", "value"]) || !plain(rule)) return false;
  return areEvents(rule[measure], measure === "count" ? ["lines"] : ["lines", "property"]);
}

function fitsTop(rule: Tree): boolean {
  const key = keyOf(rule, ["top", "top_percent"]);
  if (!key || !only(rule, [key, "by", "refreshed"]) || !isTree(rule.by)) return false;
  const measure = keyOf(rule.by, MEASURES);
  if (!measure || !only(rule.by, [measure])) return false;
  return areEvents(rule.by[measure], ["property"]) && !("where" in (rule.by[measure] as Tree));
}

const step = (tree: unknown) =>
  areEvents(tree as Tree, ["within", "not"]) && !("in" in (tree as Tree));

const FITS: readonly [(rule: Tree) => boolean, Form][] = [
  [
    (rule) =>
      ("trait" in rule || "group" in rule) &&
      only(rule, ["trait", "group", "op", "value", "for", "on_brand"]) &&
      plain(rule),
    TraitForm,
  ],
  [fitsEvents, EventsForm],
  [
    (rule) =>
      keyOf(rule, MEMBERSHIPS) !== undefined &&
      only(rule, [...MEMBERSHIPS, "value", "at", "in"]) &&
      plainWindow(rule.in),
    MembershipForm,
  ],
  [
    (rule) => {
      const key = keyOf(rule, PATTERNS);
      const told = ["for", "after", "of", "unit", "op", "value"];
      return key !== undefined && only(rule, [key, ...told]) && areEvents(rule[key]);
    },
    PatternForm,
  ],
  [
    (rule) =>
      Array.isArray(rule.sequence) &&
      only(rule, ["sequence", "in", "on_brand"]) &&
      plainWindow(rule.in) &&
      rule.sequence.every(step),
    SequenceForm,
  ],
  [
    (rule) =>
      only(rule, ["abandoned", "for", "stage", "in", "on_brand"]) &&
      "abandoned" in rule &&
      plainWindow(rule.in),
    CartForm,
  ],
  [(rule) => "share" in rule && only(rule, ["share", "seed"]), ShareForm],
  [fitsTop, TopForm],
  [
    (rule) =>
      "rfm" in rule &&
      only(rule, ["rfm", "in", "refreshed"]) &&
      areEvents(rule.rfm, ["property"]) &&
      !("where" in (rule.rfm as Tree)) &&
      !("in" in (rule.rfm as Tree)),
    RfmForm,
  ],
  [
    (rule) =>
      "changed" in rule &&
      only(rule, ["changed", "from", "to", "in", "on_brand"]) &&
      plainWindow(rule.in) &&
      !isTree(rule.from) &&
      !isTree(rule.to),
    ChangedForm,
  ],
];

/** The form that shows all of a condition; null when there is none. */
export function formOf(rule: Tree): Form | null {
  return FITS.find(([fits]) => fits(rule))?.[1] ?? null;
}
