import { Box, Tabs } from "@mantine/core";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { SECTIONS, useSections } from "../../app/sections";
import { PageHead } from "../../show/PageHead";
import { TabBar } from "../../show/TabBar";

/** Who is who: what a person is asked, what merged, by which rules, and what joins nobody. */
export function Identity() {
  const say = useTranslations("identity");
  const navigate = useNavigate();
  const address = useRouterState({ select: (state) => state.location.pathname });
  const page = SECTIONS.identity.find((one) => address.startsWith(`/identity/${one}`)) ?? "reviews";
  const tabs = useSections("identity", page);
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} within={say(`pages.${page}`)} about={say(`abouts.${page}`)} />
      <Tabs
        value={page}
        onChange={(chosen) => navigate({ to: `/identity/${chosen as typeof page}` })}
        keepMounted={false}
      >
        <TabBar label={say("title")} tabs={tabs} />
        <Tabs.Panel value={page}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}
