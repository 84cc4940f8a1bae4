import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { root, text } from "./root";

const data = createRoute({
  getParentRoute: () => root,
  path: "/data",
  component: lazyRouteComponent(() => import("../../pages/data/Data"), "Data"),
});

const dataStart = createRoute({
  getParentRoute: () => data,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/data/sources", search: (before) => before, replace: true });
  },
});

const sources = createRoute({
  getParentRoute: () => data,
  path: "/sources",
  component: lazyRouteComponent(() => import("../../pages/data/sources/Sources"), "Sources"),
});

const source = createRoute({
  getParentRoute: () => data,
  path: "/sources/$name",
  component: lazyRouteComponent(() => import("../../pages/data/sources/OneSource"), "OneSource"),
  validateSearch: (search: Record<string, unknown>): { with?: string } => ({
    with: text(search.with),
  }),
});

const FATES = ["stored", "duplicate", "quarantined"] as const;
export type Fate = (typeof FATES)[number];

export interface LiveSearch {
  source?: string;
  type?: string;
  fate?: Fate;
  /** The message that is looked at, by its id. */
  message?: string;
}

const live = createRoute({
  getParentRoute: () => data,
  path: "/live",
  component: lazyRouteComponent(() => import("../../pages/data/live/Live"), "Live"),
  validateSearch: (search: Record<string, unknown>): LiveSearch => ({
    source: text(search.source),
    type: text(search.type),
    fate: FATES.find((fate) => fate === search.fate),
    message: text(search.message),
  }),
});

export interface QuarantineSearch {
  source?: string;
  code?: string;
  /** With the two above, one group; empty where refusals name no field. */
  field?: string;
  state?: "replayed";
}

const quarantine = createRoute({
  getParentRoute: () => data,
  path: "/quarantine",
  component: lazyRouteComponent(
    () => import("../../pages/data/quarantine/Quarantine"),
    "Quarantine",
  ),
  validateSearch: (search: Record<string, unknown>): QuarantineSearch => ({
    source: text(search.source),
    code: text(search.code),
    field: search.field === "" ? "" : text(search.field),
    state: search.state === "replayed" ? search.state : undefined,
  }),
});

const imports = createRoute({
  getParentRoute: () => data,
  path: "/imports",
  component: lazyRouteComponent(() => import("../../pages/data/imports/Imports"), "Imports"),
});

const newImport = createRoute({
  getParentRoute: () => data,
  path: "/imports/new",
  component: lazyRouteComponent(() => import("../../pages/data/imports/NewImport"), "NewImport"),
  validateSearch: (search: Record<string, unknown>): { upload?: string; mapping?: string } => ({
    upload: text(search.upload),
    mapping: text(search.mapping),
  }),
});

const oneImport = createRoute({
  getParentRoute: () => data,
  path: "/imports/$id",
  component: lazyRouteComponent(() => import("../../pages/data/imports/OneImport"), "OneImport"),
});

const plan = createRoute({
  getParentRoute: () => data,
  path: "/plan",
  component: lazyRouteComponent(() => import("../../pages/data/plan/Plan"), "Plan"),
  validateSearch: (search: Record<string, unknown>): { plan?: string } => ({
    plan: text(search.plan),
  }),
});

export interface CatalogueSearch {
  kind?: string;
  search?: string;
  brand?: string;
  /** The entity that is looked at. */
  id?: string;
}

const catalogue = createRoute({
  getParentRoute: () => data,
  path: "/catalogue",
  component: lazyRouteComponent(() => import("../../pages/data/catalogue/Catalogue"), "Catalogue"),
  validateSearch: (search: Record<string, unknown>): CatalogueSearch => ({
    kind: text(search.kind),
    search: text(search.search),
    brand: text(search.brand),
    id: text(search.id),
  }),
});

const quality = createRoute({
  getParentRoute: () => data,
  path: "/quality",
  component: lazyRouteComponent(() => import("../../pages/data/quality/Quality"), "Quality"),
  validateSearch: (search: Record<string, unknown>): { source?: string } => ({
    source: text(search.source),
  }),
});

export const dataRoutes = data.addChildren([
  dataStart,
  sources,
  source,
  live,
  quarantine,
  imports,
  newImport,
  oneImport,
  plan,
  catalogue,
  quality,
]);
