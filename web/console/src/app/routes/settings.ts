import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { root, text } from "./root";

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("../../pages/settings/Settings"), "Settings"),
});

const anySettings = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/me", replace: true });
  },
});

const me = createRoute({
  getParentRoute: () => settings,
  path: "/me",
  component: lazyRouteComponent(() => import("../../pages/settings/me/Me"), "Me"),
});

const people = createRoute({
  getParentRoute: () => settings,
  path: "/people",
  component: lazyRouteComponent(() => import("../../pages/settings/people/People"), "People"),
});

const tokens = createRoute({
  getParentRoute: () => settings,
  path: "/tokens",
  component: lazyRouteComponent(() => import("../../pages/settings/tokens/Tokens"), "Tokens"),
});

const workspace = createRoute({
  getParentRoute: () => settings,
  path: "/workspace",
  component: lazyRouteComponent(() => import("../../pages/settings/Workspace"), "Workspace"),
});

export interface AuditSearch {
  by?: string;
  action?: string;
  /** In the time zone of the workspace: 2026-03-02. */
  day?: string;
  refused?: true;
}

const audit = createRoute({
  getParentRoute: () => settings,
  path: "/audit",
  component: lazyRouteComponent(() => import("../../pages/settings/audit/Audit"), "Audit"),
  validateSearch: (search: Record<string, unknown>): AuditSearch => ({
    by: text(search.by),
    action: text(search.action),
    day: /^\d{4}-\d\d-\d\d$/.test(String(search.day)) ? String(search.day) : undefined,
    refused: search.refused === true ? true : undefined,
  }),
});

export const settingsRoutes = settings.addChildren([
  anySettings,
  me,
  people,
  tokens,
  workspace,
  audit,
]);
