import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import type { Schema } from "../../api/client";
import { attention } from "./home";

/** What needs a person, in the language of the page; what failed says more in `error`. */
export function useNeeds() {
  const say = useTranslations("home.needs");
  const { list } = useFormatter();
  const sentence = ({ kind, names }: Schema["Needed"]) => say(kind, { names: list(names) });
  return useQuery({
    ...attention,
    select: (said) => ({
      ...said,
      data: said.data.map((one) => ({ ...one, message: sentence(one) })),
    }),
  });
}
