import { createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { countsOf, inflow } from "../pages/home/home";
import { ahead, arriving, byMoment } from "./ahead";
import { customerRoutes } from "./routes/customers";
import { dataRoutes } from "./routes/data";
import { identityRoutes } from "./routes/identity";
import { count, root } from "./routes/root";
import { segmentRoutes } from "./routes/segments";
import { settingsRoutes } from "./routes/settings";

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../pages/home/Home"), "Home"),
  validateSearch: (search: Record<string, unknown>): { days?: number } => ({
    days: count(search.days),
  }),
  loaderDeps: byMoment,
  loader: ({ deps, cause }) => {
    if (!arriving({ cause })) return;
    ahead(countsOf(deps.as_of));
    ahead(inflow);
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    ...customerRoutes,
    ...segmentRoutes,
    dataRoutes,
    identityRoutes,
    settingsRoutes,
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
