import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { vocabulary } from "../../api/vocabulary";
import { allSegments, oneSegment } from "../../pages/segments/asked";
import type { About, Draft } from "../../pages/segments/builder/useAddress";
import { ahead, arriving, byMoment } from "../ahead";
import { root, text } from "./root";

const segments = createRoute({
  getParentRoute: () => root,
  path: "/segments",
  component: lazyRouteComponent(() => import("../../pages/segments/Segments"), "Segments"),
  validateSearch: (
    search: Record<string, unknown>,
  ): { search?: string; owner?: string; stage?: string; sort?: string } => ({
    search: text(search.search),
    owner: text(search.owner),
    stage: text(search.stage),
    sort: text(search.sort),
  }),
  loaderDeps: byMoment,
  loader: ({ deps, cause }) => {
    if (arriving({ cause })) ahead(allSegments(deps.as_of));
  },
});

/** A segment in the making; the address bar may hold anything. */
function drafted(search: Record<string, unknown>): Draft {
  const values = Array.isArray(search.values) ? search.values : [];
  return {
    rule: text(search.rule),
    values:
      values.length === 0
        ? undefined
        : values.map((one) => ({ value: text(one?.value) ?? "", rule: text(one?.rule) ?? "" })),
    about: described(search.about),
  };
}

const DESCRIBED = ["name", "description", "owner", "journey_stage"] as const;

/** What was written beside the rule. Empty texts count: they were taken away. */
function described(search: unknown): Partial<About> | undefined {
  const given = Object(search) as Partial<About>;
  const found: Partial<About> = {};
  for (const part of DESCRIBED) {
    const said = given[part];
    if (typeof said === "string") found[part] = said;
  }
  if (typeof given.goal === "object") found.goal = given.goal;
  return Object.keys(found).length > 0 ? found : undefined;
}

const newSegment = createRoute({
  getParentRoute: () => root,
  path: "/new-segment",
  component: lazyRouteComponent(() => import("../../pages/segments/NewSegment"), "NewSegment"),
  validateSearch: (search: Record<string, unknown>): Draft & { kind?: "values" } => ({
    ...drafted(search),
    kind: search.kind === "values" ? "values" : undefined,
  }),
  loader: ({ cause }) => {
    if (arriving({ cause })) ahead(vocabulary);
  },
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
  component: lazyRouteComponent(() => import("../../pages/segments/OneSegment"), "OneSegment"),
  validateSearch: (search: Record<string, unknown>): SegmentSearch => ({
    view: SEGMENT_VIEWS.find((view) => view === search.view),
    with: Array.isArray(search.with) ? search.with.map(String) : undefined,
    why: text(search.why),
    from: text(search.from),
    to: text(search.to),
  }),
  loaderDeps: byMoment,
  loader: ({ params, deps, cause }) => {
    if (arriving({ cause })) ahead(oneSegment(params.name, deps.as_of));
  },
});

const editSegment = createRoute({
  getParentRoute: () => root,
  path: "/segments/$name/edit",
  component: lazyRouteComponent(() => import("../../pages/segments/EditSegment"), "EditSegment"),
  validateSearch: drafted,
});

export const segmentRoutes = [segments, newSegment, segment, editSegment] as const;
