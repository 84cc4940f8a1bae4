import { Box, Tabs } from "@mantine/core";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { SECTIONS, useSections } from "../../app/sections";
import { PageHead } from "../../show/PageHead";
import { TabBar } from "../../show/TabBar";

/** What comes in: from where, how, and how good it is. */
export function Data() {
  const say = useTranslations("data");
  const navigate = useNavigate();
  const address = useRouterState({ select: (state) => state.location.pathname });
  const tab = SECTIONS.data.find((one) => address.startsWith(`/data/${one}`)) ?? "sources";
  const tabs = useSections("data", tab);
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} within={say(`tabs.${tab}`)} />
      <Tabs
        value={tab}
        onChange={(chosen) => navigate({ to: `/data/${chosen as typeof tab}` })}
        keepMounted={false}
      >
        <TabBar label={say("title")} tabs={tabs} />
        <Tabs.Panel value={tab}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}
