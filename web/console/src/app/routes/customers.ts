import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { queryClient } from "../../api/cache";
import {
  profileOf,
  TIMELINE_KINDS,
  type TimelineKind,
  timelineOf,
} from "../../pages/customer/customer";
import { pagesOf } from "../../pages/customers/found";
import { ahead, arriving } from "../ahead";
import { root, text } from "./root";

export type Kind = "known" | "anonymous";

export interface CustomersSearch {
  search?: string;
  segment?: string;
  kind?: Kind;
}

const customers = createRoute({
  getParentRoute: () => root,
  path: "/customers",
  component: lazyRouteComponent(() => import("../../pages/customers/Customers"), "Customers"),
  validateSearch: (search: Record<string, unknown>): CustomersSearch => ({
    search: text(search.search),
    segment: text(search.segment),
    kind: search.kind === "known" || search.kind === "anonymous" ? search.kind : undefined,
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ deps, cause }) => {
    if (arriving({ cause })) void queryClient.prefetchInfiniteQuery(pagesOf(deps));
  },
});

export const VIEWS = ["timeline", "orders", "segments", "identity", "data"] as const;
export type View = (typeof VIEWS)[number];

interface CustomerSearch {
  view?: View;
  brand?: string;
  /** What the timeline shows alone. */
  kind?: TimelineKind;
  /** The segment that is explained. */
  why?: string;
}

const customer = createRoute({
  getParentRoute: () => root,
  path: "/customers/$id",
  component: lazyRouteComponent(() => import("../../pages/customer/Customer"), "Customer"),
  validateSearch: (search: Record<string, unknown>): CustomerSearch => ({
    view: VIEWS.find((view) => view === search.view),
    brand: text(search.brand),
    kind: TIMELINE_KINDS.find((kind) => kind === search.kind),
    why: text(search.why),
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ params, deps: { as_of, brand, kind, view = "timeline" }, cause }) => {
    if (!arriving({ cause })) return;
    ahead(profileOf(params.id, { asOf: as_of, brand }));
    if (view !== "timeline") return;
    void import("../../pages/customer/Timeline");
    void queryClient.prefetchInfiniteQuery(timelineOf(params.id, { asOf: as_of, brand, kind }));
  },
});

export const customerRoutes = [customers, customer] as const;
