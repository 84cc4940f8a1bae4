import type { Schema } from "../../../api/client";

// Tracking plans as the page changes them: always a whole body, of which one thing is another.

export type Fault = Schema["FaultCount"];
export type Used = Schema["Used"];

export interface Expectation {
  type?: string;
  required?: boolean;
  properties?: Expected;
  open?: boolean;
  [more: string]: unknown;
}
export type Expected = Record<string, Expectation | string>;
export interface EventPlan {
  properties?: Expected;
  open?: boolean;
  description?: string;
}
export interface PlanBody {
  sources?: string[];
  events?: Record<string, EventPlan>;
  traits?: Expected;
  open?: boolean;
  refuse?: Fault["fault"][];
  description?: string;
}
export interface NamedPlan {
  name: string;
  body: PlanBody;
}

export const TYPES = [
  "any",
  "text",
  "number",
  "whole",
  "truth",
  "date",
  "list",
  "object",
  "place",
] as const;
export const FAULTS = [
  "unknown_event",
  "unknown_property",
  "unknown_trait",
  "missing",
  "wrong_type",
  "wrong_value",
] as const;

/** The plan that is about a source: that which names it, else the one that names none. */
export function planAbout(plans: NamedPlan[], source: string): NamedPlan | undefined {
  return (
    plans.find(({ body }) => body.sources?.includes(source)) ??
    plans.find(({ body }) => !body.sources || body.sources.length === 0)
  );
}

/** A type that stands alone as the expectation that it is short for. */
export function whole(one: Expectation | string | undefined): Expectation {
  return typeof one === "string" ? { type: one } : (one ?? {});
}

/** An expectation as short as it can be written. */
export function short(one: Expectation): Expectation | string {
  const said = Object.fromEntries(
    Object.entries(one).filter(
      ([, value]) => value !== undefined && value !== null && value !== false,
    ),
  ) as Expectation;
  return Object.keys(said).every((key) => key === "type") ? (said.type ?? "any") : said;
}

/** What holds the field of a fault: an event, the plan's traits, or an object inside. */
interface Holder {
  members: Expected;
  open: boolean;
  name: string;
  put: (members: Expected, open?: boolean) => PlanBody;
}

function holderOf(body: PlanBody, fault: Fault): Holder | null {
  const path = fault.field.replace(/^(properties|traits)\./, "");
  if (fault.event === "") {
    const members = body.traits ?? {};
    return inside(members, body.open ?? false, path, (traits, open) => ({
      ...body,
      traits,
      ...(open ? { open } : {}),
    }));
  }
  const event = body.events?.[fault.event];
  if (!event) return null;
  return inside(event.properties ?? {}, event.open ?? false, path, (properties, open) => ({
    ...body,
    events: {
      ...body.events,
      [fault.event]: { ...event, properties, ...(open ? { open } : {}) },
    },
  }));
}

/** Follow a path such as `products[].sku`; names may hold dots themselves. */
function inside(members: Expected, open: boolean, path: string, put: Holder["put"]): Holder {
  for (const [name, one] of Object.entries(members)) {
    const rest = path.startsWith(`${name}.`)
      ? path.slice(name.length + 1)
      : path.startsWith(`${name}[].`)
        ? path.slice(name.length + 3)
        : null;
    const held = whole(one);
    if (rest === null || !held.properties) continue;
    return inside(held.properties, held.open ?? false, rest, (properties, opened) =>
      put({ ...members, [name]: { ...held, properties, ...(opened ? { open: true } : {}) } }),
    );
  }
  return { members, open, name: path, put };
}

/** Whether the plan as it is now would not say so any more. */
export function isSettled(body: PlanBody, fault: Fault): boolean {
  if (fault.fault === "unknown_event")
    return body.open === true || !body.events || fault.event in body.events;
  const holder = holderOf(body, fault);
  if (holder === null) return false;
  const one = whole(holder.members[holder.name]);
  switch (fault.fault) {
    case "unknown_property":
    case "unknown_trait":
      return holder.open || holder.name in holder.members;
    case "missing":
      return !one.required;
    case "wrong_type":
      return (one.type ?? "any") === "any";
    default:
      return LIMITS.every((limit) => one[limit] === undefined || one[limit] === null);
  }
}

const LIMITS = ["allowed", "pattern", "min", "max"];

/**
 * The plan that takes what came as it came.
 *
 * @param seen What the server makes of what came in, where it may be asked; it gives the types.
 */
export function accepting(body: PlanBody, fault: Fault, seen: PlanBody | null): PlanBody {
  if (fault.fault === "unknown_event") {
    const event = seen?.events?.[fault.event] ?? { open: true };
    return { ...body, events: { ...body.events, [fault.event]: event } };
  }
  const holder = holderOf(body, fault);
  if (holder === null) return body;
  const { members, name, put } = holder;
  const one = whole(members[name]);
  switch (fault.fault) {
    case "unknown_property":
    case "unknown_trait": {
      const like = seen && holderOf(seen, fault);
      const type = whole(like?.members[like.name]);
      return put({
        ...members,
        [name]: short({ ...type, type: type.type ?? "any", required: false }),
      });
    }
    case "missing":
      return put({ ...members, [name]: short({ ...one, required: false }) });
    case "wrong_type":
      return put({ ...members, [name]: short({ type: "any", required: one.required }) });
    default: {
      const free = Object.fromEntries(Object.entries(one).filter(([key]) => !LIMITS.includes(key)));
      return put({ ...members, [name]: short(free) });
    }
  }
}

/** The plan that takes whatever else comes in the same place; null where that makes no sense. */
export function opening(body: PlanBody, fault: Fault): PlanBody | null {
  if (fault.fault === "unknown_event" || fault.fault === "unknown_trait")
    return { ...body, open: true };
  if (fault.fault !== "unknown_property") return null;
  const holder = holderOf(body, fault);
  return holder?.put(holder.members, true) ?? null;
}
