import { Box, Tabs } from "@mantine/core";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { SECTIONS, useSections } from "../../app/sections";
import { PageHead } from "../../show/PageHead";
import { TabBar } from "../../show/TabBar";

/** Around the pages of settings: those that one may see. */
export function Settings() {
  const say = useTranslations("settings");
  const navigate = useNavigate();
  const address = useRouterState({ select: (state) => state.location.pathname });
  const view = SECTIONS.settings.find((one) => address.startsWith(`/settings/${one}`)) ?? "me";
  const tabs = useSections("settings", view);
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} within={say(`views.${view}`)} />
      <Tabs
        value={view}
        onChange={(chosen) => navigate({ to: `/settings/${chosen as typeof view}` })}
        keepMounted={false}
      >
        <TabBar label={say("title")} tabs={tabs} />
        <Tabs.Panel value={view}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}
