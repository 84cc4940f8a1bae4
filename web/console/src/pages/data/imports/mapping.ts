// A mapping as a form: which column means what. The body of the mapping is the truth; what the form
// has no field for (sums, templates, SQL) stays in it as it is.

export type Body = Record<string, unknown>;

/** What a column can be. Those with a name are listed under it. */
export const MEANINGS = ["identifier", "time", "event", "property", "line", "trait"] as const;
export type Meaning = (typeof MEANINGS)[number];

export interface Use {
  as: Meaning;
  /** The identifier's type, or what the property, line or trait is called. */
  name: string;
}

export type Makes = "identify" | "track";

const PLACES = {
  identifier: "identifiers",
  property: "properties",
  line: "lines",
  trait: "traits",
} as const;

type Named = keyof typeof PLACES;
const NAMED = Object.keys(PLACES) as Named[];

/** What rows become; pages and screens count as events. */
export function makes(body: Body): Makes {
  return message(body).type === "identify" ? "identify" : "track";
}

export function message(body: Body): Body {
  return (body.message ?? {}) as Body;
}

/** What a column is used as; nothing where it is ignored. */
export function usesOf(body: Body, column: string): Use[] {
  const said = message(body);
  const uses: Use[] = [];
  const time = said.timestamp;
  if (time === column || (isBody(time) && time.column === column))
    uses.push({ as: "time", name: "" });
  if (said.event === `{${column}}`) uses.push({ as: "event", name: "" });
  for (const as of NAMED)
    for (const [name, value] of Object.entries(at(said, as)))
      if (values(value).includes(column)) uses.push({ as, name });
  return uses;
}

/** What is made by an expression, which the form shows and the text can change. */
export function expressions(body: Body): { as: Named; name: string; value: unknown }[] {
  return NAMED.flatMap((as) =>
    Object.entries(at(message(body), as)).flatMap(([name, value]) =>
      values(value).every((one) => typeof one === "string") ? [] : [{ as, name, value }],
    ),
  );
}

/** The body with one use of a column more. */
export function addUse(body: Body, column: string, use: Use, format: string | null): Body {
  const said = { ...message(body) };
  if (use.as === "time") said.timestamp = format && format !== "iso" ? { column, format } : column;
  else if (use.as === "event") said.event = `{${column}}`;
  else {
    const there = at(said, use.as);
    const before = there[use.name];
    // Two columns can hold identifiers of one type; of all else the last one counts.
    const both = use.as === "identifier" && before !== undefined && before !== column;
    said[PLACES[use.as]] = { ...there, [use.name]: both ? [...values(before), column] : column };
  }
  return { ...body, message: said };
}

/** The body without one use of a column. */
export function dropUse(body: Body, column: string, use: Use, today: string): Body {
  const said = { ...message(body) };
  if (use.as === "time") said.timestamp = { value: today };
  else if (use.as === "event") said.event = "";
  else {
    const { [use.name]: value, ...rest } = at(said, use.as);
    const left = values(value).filter((one) => one !== column);
    const kept = left.length > 1 ? left : left[0];
    said[PLACES[use.as]] = kept === undefined ? rest : { ...rest, [use.name]: kept };
    if (use.as === "line" && Object.keys(at(said, "line")).length === 0) delete said.lines;
  }
  return { ...body, message: said };
}

/** The body whose rows become something else; properties become traits, and the other way round. */
export function making(body: Body, wanted: Makes): Body {
  if (makes(body) === wanted) return body;
  const { type: _type, event: _event, properties, lines, traits, ...said } = message(body);
  if (wanted === "identify") {
    const { group_by: _groups, ...rest } = body;
    const found = { ...(lines as Body), ...(properties as Body), ...(traits as Body) };
    return { ...rest, message: { ...said, type: "identify", traits: found } };
  }
  const found = { ...(properties as Body), ...(traits as Body) };
  return { ...body, message: { ...said, event: "", properties: found } };
}

/** A name that rules can be written with. */
export function plainName(column: string): string {
  const flat = column.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_");
  return flat.replace(/^_+|_+$/g, "") || "value";
}

function at(said: Body, as: Named): Body {
  const held = said[PLACES[as]];
  return isBody(held) ? held : {};
}

function values(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
