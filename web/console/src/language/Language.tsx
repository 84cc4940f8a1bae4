import {
  createContext,
  type PropsWithChildren,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { IntlProvider } from "use-intl";
import { useSession } from "../session/session";
import type en from "./messages/en.json";
import { type LanguageCode, preferred } from "./preferred";

declare module "use-intl" {
  interface AppConfig {
    Locale: LanguageCode;
    Messages: typeof en;
  }
}

const LOADERS = {
  en: () => import("./messages/en.json"),
  pl: () => import("./messages/pl.json"),
  th: () => import("./messages/th.json"),
};

export type { LanguageCode };

/** How each calls itself. */
export const LANGUAGES: Record<LanguageCode, string> = { en: "English", pl: "Polski", th: "ไทย" };

const KEPT = "patron-language";

interface Chosen {
  language: LanguageCode;
  choose: (language: LanguageCode) => void;
}

const LanguageContext = createContext<Chosen>({ language: "en", choose: () => {} });

export const useLanguage = () => useContext(LanguageContext);

/** The language of the pages; their days and hours are those of the workspace, for everybody. */
export function Language({ children }: PropsWithChildren) {
  const [language, choose] = useState(() =>
    preferred(window.localStorage.getItem(KEPT), window.navigator.languages),
  );
  const [loaded, setLoaded] = useState<{ language: LanguageCode; messages: typeof en }>();

  useEffect(() => {
    let current = true;
    LOADERS[language]().then((found) => {
      if (!current) return;
      document.documentElement.lang = language;
      // The messages of every language have the same keys: a test compares them.
      setLoaded({ language, messages: found.default as typeof en });
    });
    return () => {
      current = false;
    };
  }, [language]);

  const zone = useSession()?.time_zone;
  const chosen = useMemo(
    () => ({
      language,
      choose: (code: LanguageCode) => {
        window.localStorage.setItem(KEPT, code);
        choose(code);
      },
    }),
    [language],
  );

  if (!loaded) return null;
  return (
    <LanguageContext value={chosen}>
      <IntlProvider
        locale={loaded.language}
        messages={loaded.messages}
        timeZone={zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone}
      >
        {children}
      </IntlProvider>
    </LanguageContext>
  );
}
