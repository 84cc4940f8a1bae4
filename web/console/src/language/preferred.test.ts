import { expect, test } from "vitest";
import { preferred } from "./preferred";

test.each([
  [null, ["pl-PL", "en"], "pl"],
  [null, ["de", "th-TH"], "th"],
  [null, ["de"], "en"],
  ["th", ["pl"], "th"],
  ["xx", ["pl"], "pl"],
])("of %s and %s it is %s", (kept, wanted, found) => {
  expect(preferred(kept, wanted)).toBe(found);
});
