import { useMemo } from "react";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { Problem, type Schema } from "../api/client";

type Coded = Schema["Coded"];

/** What goes before a person: in their language, or in the server's English, which then says so. */
export interface Said {
  text: string;
  foreign: boolean;
}

/** A refusal: what it is, and what else there is to say. */
export interface Refusal {
  title: string;
  more: Said | undefined;
}

/** Why a message or a row was refused. */
export interface Refused {
  code: string;
  field?: string | null;
  reason: string;
  told?: Coded | null | undefined;
}

interface Given {
  message: string;
  hint?: string | null | undefined;
  told?: Coded | null | undefined;
}

type Say = ReturnType<typeof useTranslations<never>>;
type Format = Pick<ReturnType<typeof useFormatter>, "list" | "number">;

/**
 * Says sentences of the server in the language of the page.
 *
 * @example const { told } = useTold(); told({ message: fault.message, told: fault.told })
 */
export function useTold() {
  const say = useTranslations();
  const format = useFormatter();
  const locale = useLocale();
  return useMemo(() => teller(say, format, locale), [say, format, locale]);
}

/** As `useTold`, of a translator for all messages. */
export function teller(say: Say, format: Format, locale: string) {
  const inEnglish = locale === "en";

  /** A word of an enumeration; as the server writes it where the console has none. */
  const word = (path: string, code: string): string =>
    say.has(`${path}.${code}` as never) ? say(`${path}.${code}` as never) : code;

  /** What something is about, and a word of an enumeration: `email:listed`. */
  const part = (path: string, text: string): string => {
    const colon = text.lastIndexOf(":");
    const about = word("types", text.slice(0, colon));
    return [about, word(path, text.slice(colon + 1))].filter(Boolean).join(": ");
  };

  const coded = ({ code, values }: Coded): string | null => {
    if (!say.has(`told.said.${code}` as never)) return null;
    const { near, ...rest } = values;
    const shown: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(rest)) {
      shown[name] = Array.isArray(value) ? format.list(value) : value;
      const words = WORDS[name];
      if (words) shown[name] = word(words, String(value));
      const parts = PARTS[name];
      if (parts && Array.isArray(value))
        shown[name] = value.map((one) => part(parts, one)).join("; ");
    }
    const sentence = say(`told.said.${code}` as never, shown as never);
    const meant = Array.isArray(near) && near.length > 0;
    return meant ? `${sentence} ${say("told.near", { near: format.list(near) })}` : sentence;
  };

  const told = ({ message, hint, told: by }: Given): Said => {
    const own = by ? coded(by) : null;
    if (own !== null) return { text: own, foreign: false };
    return { text: [message, hint].filter(Boolean).join(" "), foreign: !inEnglish };
  };

  /** By the code of the sentence, else by the code of the refusal, which says it without values. */
  const refused = ({ code, field, reason, told: by }: Refused): Said => {
    if (inEnglish) return { text: reason, foreign: false };
    const where = !field || field === "message" ? say("told.refusals.message") : field;
    const own = by ? coded({ ...by, values: { ...by.values, field: where } }) : null;
    if (own !== null) return { text: own, foreign: false };
    const key = `told.refusals.${code}`;
    if (!say.has(key as never)) return { text: reason, foreign: true };
    return { text: say(key as never, { field: where } as never), foreign: false };
  };

  const refusal = (error: Error): Refusal => {
    if (!(error instanceof Problem)) return { title: say("refused.unreachable"), more: undefined };
    const { message, hint } = error;
    const own = error.told ? coded(error.told) : null;
    if (own !== null) return { title: own, more: undefined };
    if (inEnglish)
      return { title: message, more: hint ? { text: hint, foreign: false } : undefined };
    const frame = word("told.frames", error.kind);
    const title = frame === error.kind ? say("told.frames.error") : frame;
    return {
      title: error.field ? `${error.field}: ${title}` : title,
      more: { text: [message, hint].filter(Boolean).join(" "), foreign: true },
    };
  };

  /** Why profiles merged or parted; `reason` is the server's sentence. */
  const cause = (kind: string, code: string | null | undefined, reason: string): Said => {
    const [name, about] = apart(code ?? "");
    const key = `told.causes.${kind}.${name}`;
    if (name === "" || !say.has(key as never)) return { text: reason, foreign: !inEnglish };
    return { text: say(key as never, { about } as never).trim(), foreign: false };
  };

  /** Why two identifiers are one person's. */
  const link = (one: Schema["KeptLink"]): Said => {
    const [name, about] = apart(one.rule);
    const key = `told.links.${name}`;
    if (name === "of" || !say.has(key as never)) return { text: one.reason, foreign: !inEnglish };
    const bits = format.number(one.weight ?? 0, { maximumFractionDigits: 1 });
    const reason = say(key as never, { about, bits } as never);
    const { message_id: message, source } = one;
    if (name === "linking" || !source) return { text: reason, foreign: false };
    return { text: say("told.links.of", { reason, message, source }), foreign: false };
  };

  return { told, refused, refusal, cause, link, word };
}

/** A refusal in one line. */
export const inBrief = ({ title, more }: Refusal) => [title, more?.text].filter(Boolean).join(" ");

/** Where the words of values stand that say what each is about, too. */
const PARTS: Record<string, string> = {
  why: "told.nobody",
  faults: "plan.kinds",
};

/** Where the words of a value stand that is a word of an enumeration itself. */
const WORDS: Record<string, string> = {
  expected: "told.shapes",
  got: "told.shapes",
  kind: "told.kinds",
  type: "told.types",
  role: "person.roles",
};

/** A code, and what it is about behind a colon. */
export function apart(code: string): [string, string] {
  const colon = code.indexOf(":");
  return colon < 0 ? [code, ""] : [code.slice(0, colon), code.slice(colon + 1)];
}
