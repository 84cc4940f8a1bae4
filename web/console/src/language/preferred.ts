export const CODES = ["en", "pl", "th"] as const;
export type LanguageCode = (typeof CODES)[number];

/** The language chosen here before, else the first of the browser's that there is. */
export function preferred(kept: string | null, wanted: readonly string[]): LanguageCode {
  const known = [kept, ...wanted].map((tag) => tag?.split("-")[0]);
  return known.map((code) => CODES.find((one) => one === code)).find(Boolean) ?? "en";
}
