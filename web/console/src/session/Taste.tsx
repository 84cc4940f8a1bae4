import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useTranslations } from "use-intl";
import { LANGUAGES, type LanguageCode, useLanguage } from "../language/Language";
import { changeMe } from "./session";

/** How the pages look to whoever is signed in; kept with the person. */
export function Theme() {
  const say = useTranslations("person");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={say("theme")}
      value={colorScheme}
      onChange={(value) => {
        setColorScheme(value as typeof colorScheme);
        changeMe({ theme: value as typeof colorScheme });
      }}
      data={[
        { value: "light", label: say("light") },
        { value: "dark", label: say("dark") },
        { value: "auto", label: say("auto") },
      ]}
    />
  );
}

/** What the pages speak to them. */
export function Speech() {
  const say = useTranslations("person");
  const { language, choose } = useLanguage();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={say("language")}
      value={language}
      onChange={(value) => {
        choose(value as LanguageCode);
        changeMe({ language: value as LanguageCode });
      }}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
    />
  );
}
