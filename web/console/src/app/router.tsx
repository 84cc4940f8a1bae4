import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
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

export const router = createRouter({
  routeTree: root.addChildren([home, customers, customer]),
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
