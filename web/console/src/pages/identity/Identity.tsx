import { Box, Tabs } from "@mantine/core";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { PageHead } from "../../show/PageHead";

const PAGES = ["reviews", "merges", "rules", "values"] as const;

/** Who is who: what a person is asked, what merged, by which rules, and what joins nobody. */
export function Identity() {
  const say = useTranslations("identity");
  const navigate = useNavigate();
  const address = useRouterState({ select: (state) => state.location.pathname });
  const page = PAGES.find((one) => address.startsWith(`/identity/${one}`)) ?? "reviews";
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={say(`pages.${page}`)} about={say(`abouts.${page}`)} />
      <Tabs
        value={page}
        onChange={(chosen) =>
          navigate({ to: `/identity/${(chosen ?? "reviews") as (typeof PAGES)[number]}` })
        }
      >
        <Tabs.List mb="md" aria-label={say("title")}>
          {PAGES.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {say(`pages.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={page}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}
