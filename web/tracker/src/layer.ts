import { fromGa4 } from './commerce';
import { isObject, type JsonObject } from './json';

/**
 * The GA4 event of an entry of a data layer: what `gtag('event', name, parameters)` pushes, or what
 * Google Tag Manager reads, `{event: name, ecommerce: {…}}`.
 */
export function eventOf(entry: unknown): [name: string, parameters: JsonObject] | undefined {
  if (Object.prototype.toString.call(entry) === '[object Arguments]' || Array.isArray(entry)) {
    const [command, name, parameters] = Array.from(entry as ArrayLike<unknown>);
    return command === 'event' && typeof name === 'string'
      ? [name, isObject(parameters) ? parameters : {}]
      : undefined;
  }
  if (!isObject(entry) || typeof entry.event !== 'string') return undefined;
  return [entry.event, isObject(entry.ecommerce) ? entry.ecommerce : entry];
}

/** Tell of the commerce events of a data layer: of those it holds, then of each one pushed. */
export function followLayer(
  name: string,
  happened: (event: string, properties: JsonObject) => void,
): void {
  const globals = window as unknown as Record<string, unknown[] | undefined>;
  const layer = (globals[name] ??= []);
  const tell = (entry: unknown): void => {
    const [event, parameters] = eventOf(entry) ?? [];
    if (event && parameters) fromGa4(event, parameters).forEach((found) => happened(...found));
  };
  layer.forEach(tell);
  const push = layer.push;
  layer.push = function (...entries: unknown[]): number {
    const length = push.apply(this, entries);
    entries.forEach(tell);
    return length;
  };
}
