import type { Said } from "../language/told";

/** A sentence; English among another language is marked as such, for whoever has it read aloud. */
export function Foreign({ said }: { said: Said }) {
  return said.foreign ? <span lang="en">{said.text}</span> : said.text;
}
