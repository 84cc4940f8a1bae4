import { expect, test } from "vitest";
import { isName, tellingly, worded } from "./worded";

test("of segments with values the value is told, and others as they are called", () => {
  const names = ["lifecycle", "lifecycle=won_back", "big-spenders", "activity on Orchid=none"];
  expect(tellingly(names).map(({ words }) => words)).toEqual([
    "Lifecycle: Won back",
    "big-spenders",
    "activity on Orchid: None",
  ]);
  expect(tellingly(["lifecycle"])).toEqual([{ name: "lifecycle", words: "lifecycle" }]);
});

test("names of classes are turned into words, and nothing else is", () => {
  expect(["very_active", "lead", "North", "tea, cups", "2x"].filter(isName)).toEqual([
    "very_active",
    "lead",
  ]);
  expect(worded("rfm_group")).toBe("RFM group");
});
