import { expect, test } from "vitest";
import { momentOf, onTheWall, spanOfDay } from "./zone";

test.each([
  ["2018-01-01T08:30:00.000Z", "Europe/Warsaw", "2018-01-01T09:30"],
  ["2018-06-30T22:00:00.000Z", "Europe/Warsaw", "2018-07-01T00:00"],
  ["2017-12-31T17:15:00.000Z", "Asia/Bangkok", "2018-01-01T00:15"],
  ["2018-01-01T04:59:00.000Z", "America/New_York", "2017-12-31T23:59"],
  ["2018-01-01T00:00:00.000Z", "UTC", "2018-01-01T00:00"],
])("at %s clocks in %s show %s", (moment, zone, wall) => {
  expect(onTheWall(new Date(moment), zone)).toBe(wall);
  expect(momentOf(wall, zone).toISOString()).toBe(moment);
});

test("what clocks never show lies within the hour that is left out", () => {
  expect(momentOf("2026-03-29T02:30", "Europe/Warsaw").toISOString()).toBe(
    "2026-03-29T01:30:00.000Z",
  );
});

test("a day has 23 hours when clocks are set forward", () => {
  const [from, to] = spanOfDay("2026-03-29", "Europe/Warsaw");
  expect(from.toISOString()).toBe("2026-03-28T23:00:00.000Z");
  expect((to.getTime() - from.getTime()) / 3_600_000).toBe(23);
});
