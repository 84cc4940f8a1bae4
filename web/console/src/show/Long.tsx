import { Fragment } from "react";

/** An identifier that may break behind its own signs, and not within words; a copy has no breaks. */
export function Long({ text }: { text: string }) {
  return (text.match(PARTS) ?? []).map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no name but their place
    <Fragment key={place}>
      {place > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

const PARTS = /[^@._:/?&=+-]*[@._:/?&=+-]?/g;
