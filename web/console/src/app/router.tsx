import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { Lost } from "./Lost";
import { Shell } from "./Shell";

/** Every page can be asked for as of an earlier moment; the links keep it. */
const root = createRootRoute({
  component: Shell,
  notFoundComponent: Lost,
  validateSearch: (search: Record<string, unknown>): { as_of?: string } => ({
    as_of: text(search.as_of),
  }),
  search: { middlewares: [retainSearchParams(["as_of"])] },
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../pages/home/Home"), "Home"),
});

export type Kind = "known" | "anonymous";

export interface CustomersSearch {
  search?: string;
  segment?: string;
  kind?: Kind;
}

const customers = createRoute({
  getParentRoute: () => root,
  path: "/customers",
  component: lazyRouteComponent(() => import("../pages/customers/Customers"), "Customers"),
  validateSearch: (search: Record<string, unknown>): CustomersSearch => ({
    search: text(search.search),
    segment: text(search.segment),
    kind: search.kind === "known" || search.kind === "anonymous" ? search.kind : undefined,
  }),
});

export const VIEWS = ["timeline", "orders", "segments", "identity", "data"] as const;
export type View = (typeof VIEWS)[number];

const customer = createRoute({
  getParentRoute: () => root,
  path: "/customers/$id",
  component: lazyRouteComponent(() => import("../pages/customer/Customer"), "Customer"),
  validateSearch: (search: Record<string, unknown>): { view?: View; brand?: string } => ({
    view: VIEWS.find((view) => view === search.view),
    brand: text(search.brand),
  }),
});

const segments = createRoute({
  getParentRoute: () => root,
  path: "/segments",
  component: lazyRouteComponent(() => import("../pages/segments/Segments"), "Segments"),
  validateSearch: (
    search: Record<string, unknown>,
  ): { search?: string; owner?: string; stage?: string } => ({
    search: text(search.search),
    owner: text(search.owner),
    stage: text(search.stage),
  }),
});

const newSegment = createRoute({
  getParentRoute: () => root,
  path: "/new-segment",
  component: lazyRouteComponent(() => import("../pages/segments/NewSegment"), "NewSegment"),
  validateSearch: (search: Record<string, unknown>): { rule?: string; kind?: "values" } => ({
    rule: text(search.rule),
    kind: search.kind === "values" ? "values" : undefined,
  }),
});

export const SEGMENT_VIEWS = ["size", "performance", "overlap", "members", "versions"] as const;
export type SegmentView = (typeof SEGMENT_VIEWS)[number];

export interface SegmentSearch {
  view?: SegmentView;
  /** The other segments of the overlap. */
  with?: string[];
  /** Whose membership is explained. */
  why?: string;
  from?: string;
  to?: string;
}

const segment = createRoute({
  getParentRoute: () => root,
  path: "/segments/$name",
  component: lazyRouteComponent(() => import("../pages/segments/OneSegment"), "OneSegment"),
  validateSearch: (search: Record<string, unknown>): SegmentSearch => ({
    view: SEGMENT_VIEWS.find((view) => view === search.view),
    with: Array.isArray(search.with) ? search.with.map(String) : undefined,
    why: text(search.why),
    from: text(search.from),
    to: text(search.to),
  }),
});

const editSegment = createRoute({
  getParentRoute: () => root,
  path: "/segments/$name/edit",
  component: lazyRouteComponent(() => import("../pages/segments/EditSegment"), "EditSegment"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("../pages/settings/Settings"), "Settings"),
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
  component: lazyRouteComponent(() => import("../pages/settings/me/Me"), "Me"),
});

const people = createRoute({
  getParentRoute: () => settings,
  path: "/people",
  component: lazyRouteComponent(() => import("../pages/settings/people/People"), "People"),
});

const tokens = createRoute({
  getParentRoute: () => settings,
  path: "/tokens",
  component: lazyRouteComponent(() => import("../pages/settings/tokens/Tokens"), "Tokens"),
});

const workspace = createRoute({
  getParentRoute: () => settings,
  path: "/workspace",
  component: lazyRouteComponent(() => import("../pages/settings/Workspace"), "Workspace"),
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
  component: lazyRouteComponent(() => import("../pages/settings/audit/Audit"), "Audit"),
  validateSearch: (search: Record<string, unknown>): AuditSearch => ({
    by: text(search.by),
    action: text(search.action),
    day: /^\d{4}-\d\d-\d\d$/.test(String(search.day)) ? String(search.day) : undefined,
    refused: search.refused === true ? true : undefined,
  }),
});

const identity = createRoute({
  getParentRoute: () => root,
  path: "/identity",
  component: lazyRouteComponent(() => import("../pages/identity/Identity"), "Identity"),
});

const identityIndex = createRoute({
  getParentRoute: () => identity,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/identity/reviews" });
  },
});

export const REVIEW_STATES = ["pending", "same", "different", "settled"] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

const reviews = createRoute({
  getParentRoute: () => identity,
  path: "/reviews",
  component: lazyRouteComponent(() => import("../pages/identity/reviews/Reviews"), "Reviews"),
  validateSearch: (search: Record<string, unknown>): { state?: ReviewState; review?: number } => ({
    state: REVIEW_STATES.find((state) => state === search.state),
    review: count(search.review),
  }),
});

export interface MergesSearch {
  kind?: "merge" | "split";
  /** The merge that is to be undone. */
  undo?: number;
}

const merges = createRoute({
  getParentRoute: () => identity,
  path: "/merges",
  component: lazyRouteComponent(() => import("../pages/identity/merges/Merges"), "Merges"),
  validateSearch: (search: Record<string, unknown>): MergesSearch => ({
    kind: search.kind === "merge" || search.kind === "split" ? search.kind : undefined,
    undo: count(search.undo),
  }),
});

export interface RulesSearch {
  /** An earlier version that is looked at. */
  version?: number;
  /** A plan or change that was begun. */
  work?: string;
}

const rules = createRoute({
  getParentRoute: () => identity,
  path: "/rules",
  component: lazyRouteComponent(() => import("../pages/identity/rules/Rules"), "Rules"),
  validateSearch: (search: Record<string, unknown>): RulesSearch => ({
    version: count(search.version),
    work: text(search.work),
  }),
});

const identityValues = createRoute({
  getParentRoute: () => identity,
  path: "/values",
  component: lazyRouteComponent(() => import("../pages/identity/values/Values"), "Values"),
  validateSearch: (search: Record<string, unknown>): { type?: string } => ({
    type: text(search.type),
  }),
});

const data = createRoute({
  getParentRoute: () => root,
  path: "/data",
  component: lazyRouteComponent(() => import("../pages/data/Data"), "Data"),
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
  component: lazyRouteComponent(() => import("../pages/data/sources/Sources"), "Sources"),
});

const source = createRoute({
  getParentRoute: () => data,
  path: "/sources/$name",
  component: lazyRouteComponent(() => import("../pages/data/sources/OneSource"), "OneSource"),
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
  component: lazyRouteComponent(() => import("../pages/data/live/Live"), "Live"),
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
  component: lazyRouteComponent(() => import("../pages/data/quarantine/Quarantine"), "Quarantine"),
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
  component: lazyRouteComponent(() => import("../pages/data/imports/Imports"), "Imports"),
});

const newImport = createRoute({
  getParentRoute: () => data,
  path: "/imports/new",
  component: lazyRouteComponent(() => import("../pages/data/imports/NewImport"), "NewImport"),
  validateSearch: (search: Record<string, unknown>): { upload?: string; mapping?: string } => ({
    upload: text(search.upload),
    mapping: text(search.mapping),
  }),
});

const oneImport = createRoute({
  getParentRoute: () => data,
  path: "/imports/$id",
  component: lazyRouteComponent(() => import("../pages/data/imports/OneImport"), "OneImport"),
});

const plan = createRoute({
  getParentRoute: () => data,
  path: "/plan",
  component: lazyRouteComponent(() => import("../pages/data/plan/Plan"), "Plan"),
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
  component: lazyRouteComponent(() => import("../pages/data/catalogue/Catalogue"), "Catalogue"),
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
  component: lazyRouteComponent(() => import("../pages/data/quality/Quality"), "Quality"),
  validateSearch: (search: Record<string, unknown>): { source?: string } => ({
    source: text(search.source),
  }),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    customers,
    customer,
    segments,
    newSegment,
    segment,
    editSegment,
    data.addChildren([
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
    ]),
    identity.addChildren([identityIndex, reviews, merges, rules, identityValues]),
    settings.addChildren([anySettings, me, people, tokens, workspace, audit]),
  ]),
  basepath: "/console",
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** A search value that is text; the address bar may hold anything. */
function text(value: unknown): string | undefined {
  if (typeof value === "string") return value || undefined;
  // The router reads ?search=12 as a number.
  return typeof value === "number" ? String(value) : undefined;
}

/** A search value that is a number from 0 on. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}
