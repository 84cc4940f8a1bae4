// Which form shows a condition. What none of them shows wholly is shown and edited as its text.

import type { ComponentType } from "react";
import { OPERATIONS } from "../fields/Calculation";
import type { Json, Tree } from "../tree";
import { EventsForm } from "./Events";
import {
  areEvents,
  beside,
  isMeasure,
  isTree,
  keyOf,
  MEASURES,
  only,
  PICKS,
  plainWhere,
  plainWindow,
} from "./fits";
import { MEMBERSHIPS, MembershipForm } from "./Membership";
import { CalculateForm, CartForm, RfmForm, ShareForm, TopForm } from "./Others";
import { PATTERNS, PatternForm } from "./Patterns";
import { isProgramme, PointsForm } from "./Points";
import { SequenceForm } from "./Sequence";
import { ChangedForm, TraitForm } from "./Trait";

export interface FormProps {
  rule: Tree;
  onChange: (rule: Tree) => void;
}

type Form = ComponentType<FormProps>;

/** Values that fields can show: anything but trees that are no place. */
const plain = (rule: Tree) =>
  !isTree(rule.value) || rule.op === "within radius" || rule.op === "in box";

function fitsEvents(rule: Tree): boolean {
  const measure = keyOf(rule, [...MEASURES, ...PICKS]);
  if (!measure || !only(rule, [measure, "op", "value", "times"])) return false;
  if (!plain(rule) && !isMeasure(rule.value)) return false;
  return areEvents(rule[measure], beside(measure));
}

function fitsTop(rule: Tree): boolean {
  const key = keyOf(rule, ["top", "top_percent"]);
  return key !== undefined && only(rule, [key, "by", "refreshed"]) && isMeasure(rule.by);
}

/** Whether a calculation is made of what has fields. */
function fitsCalculation(tree: Json | undefined): boolean {
  if (isMeasure(tree, true)) return true;
  if (only(tree, ["number"]) || only(tree, ["trait"]) || only(tree, ["affinity", "to"]))
    return true;
  if (only(tree, ["earlier", "by"])) return fitsCalculation(tree.earlier);
  const key = isTree(tree) ? keyOf(tree, OPERATIONS) : undefined;
  if (!key || !only(tree, [key])) return false;
  const both = tree[key];
  return Array.isArray(both) && both.every(fitsCalculation);
}

const occurrence = (tree: Json) => only(tree, ["event", "where"]) && plainWhere(tree.where);

const step = (tree: Json) =>
  only(tree, ["event", "where", "within", "not", "without"]) &&
  plainWhere(tree.where) &&
  (tree.without === undefined || (Array.isArray(tree.without) && tree.without.every(occurrence)));

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
      const told = ["for", "after", "of", "unit", "op", "value", "zone"];
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
      "rfm" in rule && only(rule, ["rfm", "in", "refreshed"]) && areEvents(rule.rfm, ["property"]),
    RfmForm,
  ],
  [(rule) => only(rule, ["points", "op", "value"]) && isProgramme(rule.points), PointsForm],
  [
    (rule) => only(rule, ["calculate", "op", "value"]) && fitsCalculation(rule.calculate),
    CalculateForm,
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
