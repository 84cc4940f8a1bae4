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
