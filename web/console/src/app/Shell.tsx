import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Kbd,
  NavLink,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { Link, Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { MOD } from "../show/keys";
import { AsOf } from "./AsOf";
import { Going } from "./Going";
import { Mark } from "./Mark";
import { Palette } from "./Palette";
import { PersonMenu } from "./PersonMenu";
import { PAGES } from "./pages";
import classes from "./Shell.module.css";

/** Around every page: navigation on the left, search and moment above. */
export function Shell() {
  const say = useTranslations();
  const [open, menu] = useDisclosure(false);
  const address = useRouterState({ select: (state) => state.location.pathname });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(() => menu.close(), [address]);

  // What had the focus is often gone with the page before: who uses keys goes on in the new one.
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        if (fromLocation && pathChanged && document.activeElement === document.body)
          document.getElementById("content")?.focus({ preventScroll: true });
      }),
    [router],
  );

  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding={0}
    >
      <a className={classes.skip} href="#content">
        {say("shell.skip")}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="sm" gap="sm" wrap="nowrap">
          <Burger
            opened={open}
            onClick={menu.toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={say("shell.menu")}
          />
          <UnstyledButton
            renderRoot={(props) => <Link to="/" {...props} />}
            className={classes.brand}
            aria-label="Patron"
          >
            <Mark size={22} />
            <Text fw={600} visibleFrom="sm" span>
              Patron
            </Text>
          </UnstyledButton>
          <UnstyledButton className={classes.search} onClick={spotlight.open} visibleFrom="sm">
            <IconSearch size={15} aria-hidden />
            <span className={classes.searchText}>{say("shell.search")}</span>
            <Kbd size="xs">{MOD} K</Kbd>
          </UnstyledButton>
          <Group gap={4} ml="auto" wrap="nowrap">
            <ActionIcon
              hiddenFrom="sm"
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={say("shell.search")}
              onClick={spotlight.open}
            >
              <IconSearch size={18} />
            </ActionIcon>
            <AsOf />
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} p="xs" aria-label={say("shell.pages")}>
        {PAGES.map(({ name, to, also, icon: Icon }) => (
          <NavLink
            key={name}
            renderRoot={(props) => <Link to={to} {...props} />}
            label={say(`pages.${name}`)}
            leftSection={<Icon size={17} stroke={1.7} aria-hidden />}
            active={to === "/" ? address === "/" : address.startsWith(to) || address === also}
            className={classes.link}
          />
        ))}
      </AppShell.Navbar>
      <Going />
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
      <Palette />
    </AppShell>
  );
}
