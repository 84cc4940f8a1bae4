import {
  type Icon,
  IconChartCircles,
  IconDatabase,
  IconFingerprint,
  IconHome,
  IconSettings,
  IconUsers,
} from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";

/** A page that can be gone to from everywhere. */
export interface PageEntry {
  /** Its name in the messages, under `pages`. */
  name: "home" | "customers" | "segments" | "data" | "identity" | "settings";
  to: NonNullable<LinkProps["to"]>;
  /** An address of the page that does not begin like it. */
  also?: string;
  icon: Icon;
}

/** What the navigation and the palette list, in this order. A new page is one more line. */
export const PAGES: readonly PageEntry[] = [
  { name: "home", to: "/", icon: IconHome },
  { name: "customers", to: "/customers", icon: IconUsers },
  { name: "segments", to: "/segments", also: "/new-segment", icon: IconChartCircles },
  { name: "data", to: "/data", icon: IconDatabase },
  { name: "identity", to: "/identity", icon: IconFingerprint },
  { name: "settings", to: "/settings", icon: IconSettings },
];
