import { useTranslations } from "use-intl";
import { isTree } from "../forms/fits";
import { OF_MEASURES } from "../operators";
import type { Tree } from "../tree";
import { Choice } from "./Choice";
import { Comparison } from "./Comparison";
import { MeasureFields } from "./Measure";

interface Props {
  /** What holds `op` and `value`. */
  rule: Tree;
  onChange: (rule: Tree) => void;
}

/** What was measured compared with a number, or with another measure. */
export function Measured({ rule, onChange }: Props) {
  const say = useTranslations("segments.builder");
  const other = isTree(rule.value) ? rule.value : null;
  const operators = other ? OF_MEASURES.filter((one) => one !== "between") : OF_MEASURES;
  const against = rule.op !== "between" && (
    <Choice
      label={say("comparedWith")}
      data={[
        { value: "number", label: say("withNumber") },
        { value: "measure", label: say("withMeasure") },
      ]}
      value={other ? "measure" : "number"}
      onChange={(chosen) =>
        onChange({ ...rule, value: chosen === "number" ? null : { count: { event: "" } } })
      }
    />
  );
  return (
    <>
      <Comparison
        rule={other ? { ...rule, value: 0 } : rule}
        onChange={(next) => onChange(other ? { ...next, value: other } : next)}
        kind="number"
        operators={operators}
        without={other !== null}
        between={against}
      />
      {other && <MeasureFields value={other} onChange={(value) => onChange({ ...rule, value })} />}
    </>
  );
}
