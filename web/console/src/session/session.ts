// Who is signed in. The browser holds a cookie that scripts cannot read; writes carry a token
// beside it, which shows that a page of Patron sent them.

import { useQuery } from "@tanstack/react-query";
import { queryClient } from "../api/cache";
import type { Schema } from "../api/client";
import { api, body, Problem } from "../api/client";

export type Session = Schema["Session"];
export type Permission = Session["permissions"][number];

const KEY = ["session"];

export const sessionQuery = {
  queryKey: KEY,
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
};

/** What a write must carry. */
export function csrfToken(): string | null {
  return queryClient.getQueryData<Session | null>(KEY)?.csrf_token ?? null;
}

/** Everything that was known is forgotten, and the sign-in is shown. */
export function signedOut(): void {
  if (queryClient.getQueryData(KEY) === null) return;
  queryClient.setQueryData(KEY, null);
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
}

export function signedIn(session: Session): void {
  queryClient.setQueryData(KEY, session);
}

async function readSession(): Promise<Session | null> {
  try {
    return await body(api.GET("/api/v1/session"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** What there is beside passwords: the name of an identity provider, or null. */
export const waysIn = {
  queryKey: ["ways in"],
  queryFn: () => body(api.GET("/api/v1/session/ways")),
  staleTime: Number.POSITIVE_INFINITY,
};

export function signIn(credentials: Schema["Credentials"]): Promise<Session> {
  return body(api.POST("/api/v1/session", { body: credentials }));
}

export function acceptInvitation(accepted: Schema["Accepted"]): Promise<Session> {
  return body(api.POST("/api/v1/invitation", { body: accepted }));
}

/** So many characters a password has at least. */
export const SHORTEST_PASSWORD = 12;

export function changePassword(change: Schema["NewPassword"]): Promise<Session> {
  return body(api.POST("/api/v1/session/password", { body: change }));
}

export async function signOut({
  everywhere = false,
}: {
  everywhere?: boolean;
} = {}): Promise<void> {
  await api.DELETE("/api/v1/session", { params: { query: { everywhere } } });
  signedOut();
}

/** What people change about themselves follows them to their next browser. */
export async function changeMe(change: Schema["OwnChange"]): Promise<void> {
  signedIn(await body(api.PATCH("/api/v1/session", { body: change })));
}

/** Who is signed in; null while nobody is. */
export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** Whether whoever is signed in may do something. The API asks again; this is for what is shown. */
export function useMay(permission: Permission): boolean {
  return useSession()?.permissions.includes(permission) ?? false;
}
