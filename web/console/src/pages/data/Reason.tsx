import { Code, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { type Refused, useTold } from "../../language/told";
import { Foreign } from "../../show/Foreign";

/** The reasons that have words of their own; others are shown as the server names them. */
const KNOWN = [
  "against_plan",
  "cannot_be_kept",
  "cannot_store",
  "invalid_csv",
  "invalid_json",
  "invalid_time",
  "invalid_utf8",
  "missing",
  "no_consent",
  "no_identity",
  "not_a_boolean",
  "not_a_json",
  "not_a_number",
  "not_a_time",
  "out_of_range",
  "time_out_of_range",
  "too_deep",
  "too_large",
  "too_long",
  "unknown_type",
  "wrong_field_count",
  "wrong_type",
] as const;
type Known = (typeof KNOWN)[number];

const known = (code: string): Known | undefined => KNOWN.find((one) => one === code);

/** What would help against each reason. */
const HELP = {
  against_plan: "plan",
  no_identity: "identity",
  no_consent: "consent",
} as const;

/** Says the reasons of refusals in words. */
export function useReasons() {
  const say = useTranslations("quarantine");
  return {
    /** In a few words. */
    called: (code: string) => {
      const one = known(code);
      return one ? say(`codes.${one}`) : code;
    },
    /** What can be done about it. */
    help: (code: string) =>
      say(`help.${code in HELP ? HELP[code as keyof typeof HELP] : "sender"}`),
  };
}

/** Why something was refused: in words, and exactly. */
export function Reason({ why }: { why: Refused }) {
  const { called } = useReasons();
  const { refused } = useTold();
  return (
    <>
      <Text size="sm" fw={600}>
        {called(why.code)}
      </Text>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        <Code>{why.code}</Code> <Foreign said={refused(why)} />
      </Text>
    </>
  );
}
