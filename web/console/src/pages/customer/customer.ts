import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";

// The API describes the parts of a profile loosely; these say what the page reads of them.

export interface Trait {
  value: unknown;
  source: string | null;
  occurred_at: string | null;
  computed?: boolean;
  provenance: "first" | "second" | "third" | null;
  basis: "declared" | "inferred" | null;
}

export interface Identifier {
  type: string;
  value: string;
  original: string;
  first_seen_at: string;
}

export interface Spending {
  currency: string;
  orders: number;
  revenue: string | null;
  total: string | null;
  average: string | null;
  refunded: string | null;
  first_order_at: string | null;
  last_order_at: string | null;
}

export interface Score {
  value: string;
  growth: Record<string, string>;
  curve: { at: string; value: string }[];
}

export interface Liking {
  value: unknown;
  affinity: string;
  rank: number;
  verdict: "liked" | "disliked" | "neither";
}

export interface Note {
  note_id: string;
  text: string;
  occurred_at: string;
  changed_at: string;
  written_by: string;
  on_behalf_of: string | null;
}

export interface Consent {
  category: string | null;
  channel: string | null;
  granted: boolean;
  since: string;
  source: string | null;
  brand: string | null;
}

export interface Membership {
  segment: string;
  since: string;
  reason: string;
  first_fill: boolean;
}

export interface Cart {
  brand: string;
  stage: string;
  last_at: string;
  items: { product_id: string | null; product_name: string | null; quantity: string | null }[];
}

export interface Line {
  product_id: string | null;
  product_name: string | null;
  category: string | null;
  price: string | null;
  quantity: string | null;
}

export interface Order {
  brand: string;
  order_id: string;
  state: string;
  channel: string;
  payment_method: string | null;
  currency: string | null;
  gross: string;
  net: string | null;
  margin: string | null;
  ordered_at: string;
  lines: Line[];
}

export interface Profile {
  profile_id: number;
  as_of: string;
  first_seen_at: string;
  name: string | null;
  identifier: string | null;
  known: boolean;
  identifiers: Identifier[];
  traits: Record<string, Trait>;
  orders: { orders: number; cancelled: number; by_currency: Spending[] };
  merged_from: unknown[];
  groups: { type: string; id: string; other_members: number }[];
  segments: string[];
  memberships: Membership[];
  notes: Note[];
  carts: Cart[];
}

/** What is worked out of everything that the customer did. */
export interface Values {
  traits: Record<string, Trait>;
  scores: Record<string, Score>;
  preferences: Record<string, { favourite?: unknown; values: Liking[] }>;
}

/** Of when, and of which brand's knowledge; now and of all when undefined. */
export interface Scope {
  asOf: string | undefined;
  brand: string | undefined;
}

export const customerKey = (id: string) => ["customer", id] as const;

/** What the page shows at once. */
export function profileOf(id: string, { asOf, brand }: Scope) {
  return queryOptions({
    queryKey: [...customerKey(id), "profile", asOf, brand],
    queryFn: async ({ signal }) => {
      const include = ["name", "segments", "memberships", "notes", "carts"];
      return (await read(id, { as_of: asOf, brand, include }, signal)) as unknown as Profile;
    },
  });
}

/** What takes longer to work out, asked for by itself so that nothing else waits for it. */
export function valuesOf(id: string, { asOf, brand }: Scope) {
  return queryOptions({
    queryKey: [...customerKey(id), "values", asOf, brand],
    queryFn: async ({ signal }) => {
      const include = ["computed", "scores", "preferences"];
      const asked = { as_of: asOf, brand, include, only: true };
      return (await read(id, asked, signal)) as unknown as Values;
    },
  });
}

/** What each source last said that the customer agreed to or refused. */
export function consentsOf(id: string, { asOf, brand }: Scope) {
  return queryOptions({
    queryKey: [...customerKey(id), "consents", asOf, brand],
    queryFn: async ({ signal }) => {
      const asked = { as_of: asOf, brand, include: ["consents"], only: true };
      return ((await read(id, asked, signal)).consents ?? []) as unknown as Consent[];
    },
  });
}

/** What became of the customer, newest first, or what of one kind did. */
export function timelineOf(id: string, { asOf, brand, kind }: Scope & { kind?: TimelineKind }) {
  return infiniteQueryOptions({
    queryKey: [...customerKey(id), "timeline", asOf, kind, brand],
    queryFn: async ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/profiles/{identifier}/timeline", {
          params: {
            path: { identifier: id },
            query: { as_of: asOf, kind: kind && [kind], brand, cursor: pageParam, limit: 50 },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** What can be asked for alone. Visits repeat what the events say, so they come only when asked. */
export const TIMELINE_KINDS = [
  "order",
  "event",
  "product",
  "message",
  "call",
  "survey",
  "note",
  "segment",
  "identity",
  "visit",
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

interface Asked {
  as_of: string | undefined;
  brand: string | undefined;
  include: string[];
  only?: boolean;
}

function read(id: string, query: Asked, signal: AbortSignal) {
  const params = { path: { identifier: id }, query };
  return body(api.GET("/api/v1/profiles/{identifier}", { params, signal }));
}

/** Of what party a trait is, and whether it is declared or inferred: what is known of that. */
export function originOf({ provenance, basis }: Pick<Trait, "provenance" | "basis">) {
  return [provenance, basis].filter((one) => one !== null);
}

/** A value of a trait as text. */
export function plainly(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plainly).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
