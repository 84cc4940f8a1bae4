import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../../../session/session";
import { rulesOf } from "../asked";
import { useDraft } from "../rules/draft";
import { type Rules, read, textOf } from "../rules/text";
import { Blocked } from "./Blocked";
import { HeldBack } from "./HeldBack";
import { RefusedValues } from "./RefusedValues";

/** Values that join nobody: held back for coming with too many people, blocked, or refused. */
export function Values() {
  const may = useMay("identity:rules");
  const navigate = useNavigate({ from: "/identity/values" });
  const { draft, setDraft } = useDraft();
  const held = useQuery(rulesOf(undefined)).data;
  // A change of what is blocked is one of the rules: it is written there, planned and applied.
  const change = (how: (rules: Rules) => Rules) => {
    if (!held) return;
    const rules = (draft && read(draft.text).rules) ?? held.rules;
    setDraft({ ...draft, text: textOf(how(rules)) });
    navigate({ to: "/identity/rules" });
  };
  const changing = may && held ? change : undefined;
  return (
    <Stack gap="md">
      <HeldBack onChange={changing} />
      {held && <Blocked rules={held.rules} onChange={changing} />}
      <RefusedValues />
    </Stack>
  );
}

/** Makes other rules of the rules that are written now; undefined for who may not. */
export type Change = ((how: (rules: Rules) => Rules) => void) | undefined;
