import { createFormatter, createTranslator } from "use-intl/core";
import { describe, expect, it } from "vitest";
import { Problem } from "../api/client";
import en from "./messages/en.json";
import pl from "./messages/pl.json";
import th from "./messages/th.json";
import { teller } from "./told";

const LANGUAGES = { en, pl, th } as const;

function telling(locale: keyof typeof LANGUAGES) {
  const messages = LANGUAGES[locale] as typeof en;
  const say = createTranslator({
    locale,
    messages,
    onError: (error) => {
      throw error;
    },
  });
  return teller(say as never, createFormatter({ locale }), locale);
}

/** A value for each thing that a sentence can name. */
const VALUES = new Proxy({} as Record<string, string | number>, {
  ownKeys: () => [...NAMED],
  getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  get: (_, name) => (NUMBERS.has(String(name)) ? 3 : "shop"),
});
const NUMBERS = new Set(["minutes", "days", "free", "bytes", "more"]);
const NAMED = new Set(
  Object.values(en.told.said).flatMap((text) =>
    [...text.matchAll(/\{(\w+)[,}]/g)].map((found) => found[1] ?? ""),
  ),
);

describe.each(["en", "pl", "th"] as const)("in %s", (locale) => {
  const { told, cause } = telling(locale);

  it.each(Object.keys(en.told.said))("%s can be said", (code) => {
    const said = told({ message: "In English.", told: { code, values: { ...VALUES } } });
    expect(said.foreign).toBe(false);
    expect(said.text).not.toMatch(/[{}]|In English/);
  });

  it("says why something was refused, as far as there are words", () => {
    const { refused } = telling(locale);
    const foreign = locale !== "en";
    const say = (code: string, more: object = {}) =>
      refused({ code, field: "properties.total", reason: "In English.", ...more });
    for (const code of Object.keys(en.told.refusals))
      expect(say(code).text.includes("In English")).toBe(!foreign);
    expect(say("invalid_json")).toEqual({ text: "In English.", foreign });
    const values = { why: ["email:listed", ":none", "shop.card:no_card"] };
    const nobody = say("no_identity", { told: { code: "nobody", values } });
    expect(nobody.foreign).toBe(false);
    if (foreign) {
      const { listed, none, no_card } = LANGUAGES[locale].told.nobody;
      const { email } = LANGUAGES[locale].types;
      expect(nobody.text).toContain(`${email}: ${listed}; ${none}; shop.card: ${no_card}`);
    }
  });

  it("says what brought a merge about", () => {
    expect(cause("merge", "decision:3", "In English.").text).toContain("3");
    expect(cause("merge", "decision:3", "In English.").foreign).toBe(false);
    expect(cause("split", "held_back", "In English.").text).not.toMatch(/ $/);
  });
});

describe("what has no code", () => {
  const refused = new Problem(422, {
    type: "urn:patron:problem:invalid_definition",
    detail: "trust: expected a rank.",
    field: "trust",
    hint: "Such as 100.",
  });

  it("stands as the server says it, marked as English, behind a frame", () => {
    expect(telling("pl").refusal(refused)).toEqual({
      title: `trust: ${pl.told.frames.invalid_definition}`,
      more: { text: "trust: expected a rank. Such as 100.", foreign: true },
    });
  });

  it("stands by itself in English", () => {
    expect(telling("en").refusal(refused)).toEqual({
      title: "trust: expected a rank.",
      more: { text: "Such as 100.", foreign: false },
    });
  });

  it("is the reason of older merges", () => {
    const said = telling("th").cause("merge", null, "In English.");
    expect(said).toEqual({ text: "In English.", foreign: true });
  });
});

describe("what has one", () => {
  it("names kinds in words, and what may have been meant", () => {
    const values = { kind: "event", name: "Ordr", near: ["Order Completed"] };
    const said = telling("pl").told({ message: "No event.", told: { code: "unknown", values } });
    expect(said.text).toBe("Nie znaleziono: zdarzenie „Ordr”. Może chodziło o: Order Completed?");
  });
});
