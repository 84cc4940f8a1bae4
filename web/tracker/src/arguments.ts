import { isObject, type JsonObject } from './json';

export type Callback = (message?: JsonObject) => void;

/** What a call says, whichever of its arguments were left out. */
export interface Call {
  /** The fields of the message that the arguments name. */
  fields: JsonObject;
  options: JsonObject;
  callback: Callback | undefined;
}

type Reader = (given: unknown[]) => [fields: JsonObject, options: unknown];

const id = (value: unknown): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : String(value as string);

const object = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** `(id, traits, options)`, where the id may be left out. */
const about =
  (name: string): Reader =>
  (given) => {
    const [who, traits, options] = isObject(given[0]) ? [undefined, ...given] : given;
    return [{ [name]: id(who), traits: object(traits) }, options];
  };

const READERS: Record<string, Reader> = {
  identify: about('userId'),
  group: about('groupId'),
  track: ([event, properties, options]) => [
    { event: id(event), properties: object(properties) },
    options,
  ],
  // ([category,] name, properties, options): one text alone is the name.
  page: (given) => {
    const texts = given.filter((value) => typeof value === 'string');
    const [category, name] = texts.length > 1 ? texts : [undefined, texts[0]];
    const objects = given.filter(isObject);
    // One object alone is the properties, unless it stands where only options can.
    const [properties, options] =
      objects.length === 1 && given[3] === objects[0] ? [undefined, objects[0]] : objects;
    return [{ category, name, properties: object(properties) }, options];
  },
  alias: ([userId, previousId, ...rest]) =>
    isObject(previousId)
      ? [{ userId: id(userId) }, previousId]
      : [{ userId: id(userId), previousId: id(previousId) }, rest[0]],
};

/** Read the arguments of a call as analytics.js does. The first function is the callback. */
export function read(type: string, given: unknown[]): Call {
  const callback = given.find((value) => typeof value === 'function') as Callback | undefined;
  const rest = given.filter((value) => typeof value !== 'function');
  const [fields, options] = READERS[type]!(rest);
  return { fields, options: object(options), callback };
}
