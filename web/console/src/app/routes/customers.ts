import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
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
});

export const VIEWS = ["timeline", "orders", "segments", "identity", "data"] as const;
export type View = (typeof VIEWS)[number];

const customer = createRoute({
  getParentRoute: () => root,
  path: "/customers/$id",
  component: lazyRouteComponent(() => import("../../pages/customer/Customer"), "Customer"),
  validateSearch: (search: Record<string, unknown>): { view?: View; brand?: string } => ({
    view: VIEWS.find((view) => view === search.view),
    brand: text(search.brand),
  }),
});

export const customerRoutes = [customers, customer] as const;
