import { Box, ScrollArea, Tabs } from "@mantine/core";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { type Permission, useSession } from "../../session/session";
import { PageHead } from "../../show/PageHead";
import { DATA_TABS, type DataTab } from "./tabs";

/** What whoever looks at them must be allowed; all others are for everybody. */
const NEEDED: Partial<Record<DataTab, Permission>> = {
  live: "messages:read",
  quarantine: "messages:read",
};

/** What comes in: from where, how, and how good it is. */
export function Data() {
  const say = useTranslations("data");
  const navigate = useNavigate();
  const may = useSession()?.permissions ?? [];
  const address = useRouterState({ select: (state) => state.location.pathname });
  const tab = DATA_TABS.find((one) => address.startsWith(`/data/${one}`)) ?? "sources";
  const shown = DATA_TABS.filter((one) => {
    const needed = NEEDED[one];
    return !needed || may.includes(needed) || one === tab;
  });
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say("title")} />
      <Tabs
        value={tab}
        onChange={(chosen) => navigate({ to: `/data/${chosen as "sources"}` })}
        keepMounted={false}
      >
        <ScrollArea type="never" mb="md">
          <Tabs.List style={{ flexWrap: "nowrap" }}>
            {shown.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {say(`tabs.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        <Tabs.Panel value={tab}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}
