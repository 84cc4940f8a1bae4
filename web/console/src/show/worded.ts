const ABBREVIATIONS = new Set(["rfm", "id", "sku", "sms", "url"]);

/** A name as people read it: `loyalty_card` is Loyalty card, `rfm_group` is RFM group. */
export function worded(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s_-]+/)
    .map((word) => (ABBREVIATIONS.has(word) ? word.toUpperCase() : word))
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether a text is a name as definitions write them, such as `very_active`. */
export const isName = (text: string) => /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text);

/**
 * Segments as people read them: of those with values the value alone, as in Lifecycle: Lead.
 *
 * @param names Such as lifecycle and lifecycle=lead, where the second says more than the first.
 */
export function tellingly(names: string[]): { name: string; words: string }[] {
  const plain = (text: string) => (isName(text) ? worded(text) : text);
  return names
    .filter((name) => !names.some((other) => other.startsWith(`${name}=`)))
    .map((name) => {
      const [of = "", value] = name.split(/=(.*)/s);
      return { name, words: value === undefined ? name : `${plain(of)}: ${plain(value)}` };
    });
}
