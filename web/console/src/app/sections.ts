import { useTranslations } from "use-intl";
import { type Permission, useSession } from "../session/session";

/** The pages within a page, as its tabs and the palette name them. */
export const SECTIONS = {
  data: ["sources", "live", "quarantine", "imports", "plan", "catalogue", "quality"],
  identity: ["reviews", "merges", "rules", "values"],
  settings: ["me", "people", "tokens", "workspace", "audit"],
} as const;

type Area = keyof typeof SECTIONS;
export type Section<In extends Area> = (typeof SECTIONS)[In][number];

/** What whoever looks at them must be allowed; all others are for everybody. */
const NEEDED: Partial<Record<Section<Area>, Permission>> = {
  live: "messages:read",
  quarantine: "messages:read",
  people: "people:write",
  tokens: "people:write",
  audit: "audit:read",
};

export interface Named<In extends Area> {
  name: Section<In>;
  label: string;
}

/** The sections of one page that one may see, and the one that an address came to. */
export function useSections<In extends Area>(area: In, at?: Section<In>): Named<In>[] {
  const say = useTranslations();
  const held = useSession()?.permissions ?? [];
  const labels = {
    data: (name: string) => say(`data.tabs.${name as Section<"data">}`),
    identity: (name: string) => say(`identity.pages.${name as Section<"identity">}`),
    settings: (name: string) => say(`settings.views.${name as Section<"settings">}`),
  };
  const all: readonly Section<In>[] = SECTIONS[area];
  return all
    .filter((name) => {
      const needed = NEEDED[name];
      return needed === undefined || name === at || held.includes(needed);
    })
    .map((name) => ({ name, label: labels[area](name) }));
}
