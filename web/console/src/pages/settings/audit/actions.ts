// What the record calls an action, such as PUT /segments/{name}, as what it is about and what was
// done to it.

const AREAS = [
  "audit",
  "catalogue",
  "classifications",
  "computed-traits",
  "definitions",
  "enrichments",
  "entities",
  "identity",
  "imports",
  "linking",
  "lists",
  "mappings",
  "people",
  "preferences",
  "products",
  "profiles",
  "quarantine",
  "recurring-dates",
  "scores",
  "segments",
  "session",
  "sources",
  "sql",
  "tokens",
  "tracking-plans",
  "traits",
  "uploads",
  "verification",
  "webhooks",
] as const;

/** What an action is about; `other` is what the console does not know yet. */
export type Area = (typeof AREAS)[number] | "signIn" | "other";

/** What somebody chooses between, and what the API is asked for then. */
export const FILTERS: readonly { area: Area; action: string }[] = [
  { area: "signIn", action: "sign" },
  { area: "people", action: "/people" },
  { area: "tokens", action: "/tokens" },
  { area: "profiles", action: "/profiles" },
  { area: "segments", action: "/segments" },
  { area: "definitions", action: "/definitions" },
  { area: "sources", action: "/sources" },
  { area: "identity", action: "/identity" },
  { area: "imports", action: "/imports" },
  { area: "sql", action: "/sql" },
  { area: "audit", action: "/audit" },
];

const SIGNS = {
  "signed in": "signedIn",
  "signed out": "signedOut",
  "sign-in failed": "signInFailed",
  "locked out": "lockedOut",
} as const;

const DONE = {
  apply: "applied",
  batch: "exported",
  changes: "exported",
  export: "exported",
  invitation: "invited",
  merge: "merged",
  plan: "planned",
  replace: "replaced",
  replay: "replayed",
  restore: "restored",
  resume: "resumed",
  revert: "reverted",
  run: "ran",
  sql: "asked",
  stream: "exported",
  suggest: "previewed",
  train: "ran",
  try: "previewed",
  unlock: "unlocked",
  unmerge: "parted",
  withdraw: "reverted",
} as const;

const METHODS = { PUT: "changed", PATCH: "changed", DELETE: "removed", GET: "seen" } as const;

export type Done =
  | (typeof SIGNS)[keyof typeof SIGNS]
  | (typeof DONE)[keyof typeof DONE]
  | (typeof METHODS)[keyof typeof METHODS]
  | "made"
  | "done";

/** What the record has instead of the number of a decision where none was made. */
const A_PREVIEW = "none: a preview";

/**
 * An action of the record in parts that each language has words for.
 *
 * @param named - What it was done to.
 * @example told("POST /tokens") // { area: "tokens", done: "made" }
 */
export function told(
  action: string,
  named: Record<string, string> = {},
): { area: Area; done: Done } {
  const sign = SIGNS[action as keyof typeof SIGNS];
  if (sign) return { area: "signIn", done: sign };
  const [method = "", path = ""] = action.split(" ");
  const parts = path.split("/").filter(Boolean);
  const area = AREAS.find((one) => one === parts[0]) ?? "other";
  const last = parts.at(-1) as keyof typeof DONE;
  if (named.decision_id === A_PREVIEW) return { area, done: "previewed" };
  if (last in DONE) return { area, done: DONE[last] };
  const usual = METHODS[method as keyof typeof METHODS];
  if (usual) return { area, done: usual };
  return { area, done: last.startsWith("{") ? "done" : "made" };
}
