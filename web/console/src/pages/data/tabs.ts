export const DATA_TABS = [
  "sources",
  "live",
  "quarantine",
  "imports",
  "plan",
  "catalogue",
  "quality",
] as const;
export type DataTab = (typeof DATA_TABS)[number];
