import createClient, { type Middleware } from "openapi-fetch";
import { csrfToken, signedOut } from "../session/session";
import type { components, paths } from "./schema";

export type Schema = components["schemas"];

/** What the API says when it refuses: RFC 9457, with what would be right. */
export class Problem extends Error {
  readonly status: number;
  /** The last part of its `type`, which stays when the words change. */
  readonly kind: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  /** The same by a code, where the API gives one. */
  readonly told: Schema["Coded"] | undefined;

  constructor(status: number, said: Partial<Schema["Problem"]>) {
    super(typeof said.detail === "string" ? said.detail : `The server answered ${status}.`);
    this.status = status;
    this.kind = said.type?.split(":").at(-1) ?? "error";
    this.told = said.told ?? undefined;
    this.field = typeof said.field === "string" ? said.field : undefined;
    this.hint = typeof said.hint === "string" ? said.hint : undefined;
  }
}

const session: Middleware = {
  onRequest({ request }) {
    const token = csrfToken();
    if (token && request.method !== "GET") request.headers.set("X-CSRF-Token", token);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    if (response.status === 401 && !ENTRANCES.has(schemaPath)) signedOut();
    throw new Problem(response.status, await response.json().catch(() => ({})));
  },
};

/** Where a 401 says that a password or a code is wrong, or that nobody is signed in yet. */
const ENTRANCES = new Set(["/api/v1/session", "/api/v1/session/password", "/api/v1/invitation"]);

export const api = createClient<paths>({ baseUrl: "/" });
api.use(session);

/**
 * The answer's body. Refusals were thrown as `Problem` before.
 *
 * @example const status = await body(api.GET("/api/v1/status"));
 */
export async function body<T>(answer: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await answer;
  if (data === undefined) throw new Problem(response.status, {});
  return data;
}
