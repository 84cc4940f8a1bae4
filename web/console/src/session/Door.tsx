import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { router } from "../app/router";
import { useLanguage } from "../language/Language";
import { Refused } from "../show/Refused";
import { Invitation, invitationCode } from "./Invitation";
import { SignIn } from "./SignIn";
import { sessionQuery } from "./session";

/** Whoever is not signed in sees the sign-in, at the address that they came for. */
export function Door() {
  const session = useQuery(sessionQuery);
  useTasteOf(session.data?.person ?? null);
  if (session.isPending) return null;
  if (session.isError) return <Refused error={session.error} again={session.refetch} />;
  if (session.data) return <RouterProvider router={router} />;
  return invitationCode() ? <Invitation /> : <SignIn />;
}

type Taste = { language: "en" | "pl" | "th"; theme: "light" | "dark" | "auto" };

/** The pages look and speak as the person who signs in chose, on whichever machine. */
function useTasteOf(person: Taste | null): void {
  const { choose } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const language = person?.language;
  const theme = person?.theme;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what the person chose counts
  useEffect(() => {
    if (language) choose(language);
    if (theme) setColorScheme(theme);
  }, [language, theme]);
}
