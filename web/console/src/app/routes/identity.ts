import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { count, root, text } from "./root";

const identity = createRoute({
  getParentRoute: () => root,
  path: "/identity",
  component: lazyRouteComponent(() => import("../../pages/identity/Identity"), "Identity"),
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
  component: lazyRouteComponent(() => import("../../pages/identity/reviews/Reviews"), "Reviews"),
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
  component: lazyRouteComponent(() => import("../../pages/identity/merges/Merges"), "Merges"),
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
  component: lazyRouteComponent(() => import("../../pages/identity/rules/Rules"), "Rules"),
  validateSearch: (search: Record<string, unknown>): RulesSearch => ({
    version: count(search.version),
    work: text(search.work),
  }),
});

const identityValues = createRoute({
  getParentRoute: () => identity,
  path: "/values",
  component: lazyRouteComponent(() => import("../../pages/identity/values/Values"), "Values"),
  validateSearch: (search: Record<string, unknown>): { type?: string } => ({
    type: text(search.type),
  }),
});

export const identityRoutes = identity.addChildren([
  identityIndex,
  reviews,
  merges,
  rules,
  identityValues,
]);
