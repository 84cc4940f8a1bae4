import { Box, Tabs } from "@mantine/core";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useSession } from "../../session/session";
import { PageHead } from "../../show/PageHead";

const VIEWS = ["me", "people", "tokens", "workspace", "audit"] as const;
type View = (typeof VIEWS)[number];

/** What each needs; the rest is everybody's. */
const NEEDS = { people: "people:write", tokens: "people:write", audit: "audit:read" } as const;

/** Around the pages of settings: those that one may see. */
export function Settings() {
  const say = useTranslations("settings");
  const navigate = useNavigate();
  const held = useSession()?.permissions ?? [];
  const address = useRouterState({ select: (state) => state.location.pathname });
  const view = VIEWS.find((one) => address.endsWith(`/${one}`)) ?? "me";
  const shown = VIEWS.filter((one) => one === view || !(one in NEEDS) || may(one, held));
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} />
      <Tabs
        value={view}
        onChange={(chosen) => navigate({ to: `/settings/${chosen as View}` })}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label={say("title")}>
          {shown.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {say(`views.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}

function may(view: View, held: string[]): boolean {
  const needed = NEEDS[view as keyof typeof NEEDS];
  return needed === undefined || held.includes(needed);
}
