import { useTranslations } from "use-intl";
import { worded } from "./worded";

/** What traits and fields are called that most shops know; others are called as they are named. */
export function useFieldName() {
  const say = useTranslations("fields");
  return (name: string) => {
    const key = name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
    return say.has(key as never) ? say(key as never) : worded(name);
  };
}
