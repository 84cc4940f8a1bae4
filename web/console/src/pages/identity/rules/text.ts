import { type Document, LineCounter, parseDocument, stringify } from "yaml";

/** Rules of identity as the API has them. */
export type Rules = Record<string, unknown>;

/** What is wrong with the text, and in which line if that is known. */
export interface Fault {
  line: number | undefined;
  message: string;
}

/** What the API says against rules, and the path of what it is about. */
export interface Refusal {
  message: string;
  field?: string | null | undefined;
}

/** Rules as a person writes them into a definition file. */
export function textOf(rules: Rules): string {
  return stringify(rules, { lineWidth: 0 });
}

/**
 * Reads rules out of a text.
 *
 * A whole definition file is taken, too; its kind and name are left out.
 *
 * @returns The rules, or what keeps the text from being read.
 */
export function read(text: string): { rules?: Rules; faults: Fault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = document.errors.map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    message,
  }));
  if (faults.length > 0) return { faults };
  const said: unknown = document.toJS();
  if (said === null || typeof said !== "object" || Array.isArray(said)) return { faults: [] };
  const { kind, name, ...rest } = said as Rules;
  return { rules: kind === "identity" ? rest : (said as Rules), faults: [] };
}

/** The line that a refusal is about: that of the field it names, or of what the field is in. */
export function faultOf(refusal: Refusal, text: string): Fault {
  const { field } = refusal;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const path = (field?.match(/[^.[\]]+/g) ?? []).map((part) =>
    /^\d+$/.test(part) ? Number(part) : part,
  );
  const message = refusal.message.replace(/^identity \S+: /, "");
  for (; path.length > 0; path.pop()) {
    const offset = offsetOf(document, path);
    if (offset !== undefined) return { line: lines.linePos(offset).line, message };
  }
  return { line: undefined, message };
}

function offsetOf(document: Document.Parsed, path: (string | number)[]): number | undefined {
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0];
}

/** Rules in which a value identifies nobody, among those of its type or, without one, of all. */
export function blocking(rules: Rules, type: string | undefined, value: string): Rules {
  if (type === undefined) return { ...rules, blocked: [...listed(rules.blocked), value] };
  return withType(rules, type, (one) => ({ ...one, blocked: [...listed(one.blocked), value] }));
}

/** Rules in which a value that was blocked identifies again. */
export function releasing(rules: Rules, type: string | undefined, value: string): Rules {
  const rest = (given: unknown) => listed(given).filter((one) => one !== value);
  if (type === undefined) return { ...rules, blocked: rest(rules.blocked) };
  return withType(rules, type, (one) => ({ ...one, blocked: rest(one.blocked) }));
}

function withType(rules: Rules, type: string, change: (one: Rules) => Rules): Rules {
  // Of a type that each brand has for itself, the rules hold the declared one.
  const declared = type.replace(/@.*$/, "");
  return {
    ...rules,
    types: typesOf(rules).map((one) => (one.name === declared ? change(one) : one)),
  };
}

export function typesOf(rules: Rules): Rules[] {
  return Array.isArray(rules.types) ? (rules.types as Rules[]) : [];
}

export function listed(given: unknown): string[] {
  return Array.isArray(given) ? given.map(String) : [];
}
