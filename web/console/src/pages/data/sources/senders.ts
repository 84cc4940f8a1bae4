/** What can send to Patron, in the order of the choice. */
export const SENDERS = [
  "page",
  "curl",
  "segment-web",
  "segment-node",
  "segment-python",
  "rudder-web",
  "rudder-node",
  "rudder-python",
] as const;
export type Sender = (typeof SENDERS)[number];

/** What the libraries call themselves; nobody translates that. */
export const NAMES: Record<Exclude<Sender, "page" | "curl">, string> = {
  "segment-web": "Segment: @segment/analytics-next",
  "segment-node": "Segment: @segment/analytics-node",
  "segment-python": "Segment: segment-analytics-python",
  "rudder-web": "RudderStack: @rudderstack/analytics-js",
  "rudder-node": "RudderStack: @rudderstack/rudder-sdk-node",
  "rudder-python": "RudderStack: rudder-sdk-python",
};

/** What stands for a key that is not at hand. */
export const NO_KEY = "WRITE_KEY";

/**
 * The lines that let a client send to this Patron.
 *
 * @param sender Which client; the snippet for pages comes from the server.
 * @param url Where clients reach Patron, such as https://cdp.shop.example.
 * @param key The write key.
 */
export function settingsOf(sender: Exclude<Sender, "page">, url: string, key: string): string {
  const { host, protocol } = new URL(url);
  const texts: Record<typeof sender, string> = {
    curl: `curl -u ${key}: ${url}/v1/track \\
  -d '{"userId": "ann", "event": "Product Viewed", "properties": {"product_id": "T-1"}}'`,
    "segment-web": `AnalyticsBrowser.load(
  { writeKey: '${key}', cdnURL: '${url}' },
  { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${protocol.replace(":", "")}' } } },
);`,
    "segment-node": `const client = new Analytics({ writeKey: '${key}', host: '${url}' });`,
    "segment-python": `from segment.analytics.client import Client

client = Client("${key}", host="${url}")`,
    "rudder-web": `rudderAnalytics.load('${key}', '${url}', { configUrl: '${url}' });`,
    "rudder-node": `const client = new Analytics('${key}', { dataPlaneUrl: '${url}' });`,
    "rudder-python": `from rudderstack.analytics.client import Client

client = Client("${key}", host="${url}")`,
  };
  return texts[sender];
}
