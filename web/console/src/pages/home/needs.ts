import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { attention } from "./home";

/** What the server says in one sentence, whatever is concerned; failures bring words of their own. */
const TOLD = ["reviews", "quarantine", "held_back", "plan_faults"] as const;

/** What needs a person, in the language of the page. */
export function useNeeds() {
  const say = useTranslations("home.needs");
  const sentence = (one: { kind: string; message: string }) => {
    const told = TOLD.find((kind) => kind === one.kind);
    return told ? say(told) : one.message;
  };
  return useQuery({
    ...attention,
    select: (said) => ({
      ...said,
      data: said.data.map((one) => ({ ...one, message: sentence(one) })),
    }),
  });
}
