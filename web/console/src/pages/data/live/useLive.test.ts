import { expect, test } from "vitest";
import { type Arrived, MOST, next, titleOf } from "./useLive";

const message = (number: number, said: Partial<Arrived> = {}): Arrived => ({
  cursor: `1-${number}`,
  received_at: "2026-01-01T12:00:00Z",
  source: "web",
  message_id: `m${number}`,
  type: "track",
  name: "Product Viewed",
  fate: "stored",
  profile_id: 1,
  code: null,
  field: null,
  reason: null,
  body: "{}",
  ...said,
});

const START: Parameters<typeof next>[0] = {
  shown: [message(1)],
  held: [],
  paused: false,
  leftOut: 0,
  lost: false,
};
const ids = (messages: Arrived[]) => messages.map((one) => one.message_id);

test("what comes in while the list is held is shown when it goes on", () => {
  let state = next(START, { is: "paused", paused: true });
  state = next(state, { is: "came", message: message(2) });
  state = next(state, { is: "came", message: message(3) });
  expect([ids(state.shown), ids(state.held)]).toEqual([["m1"], ["m3", "m2"]]);
  state = next(state, { is: "paused", paused: false });
  expect([ids(state.shown), ids(state.held)]).toEqual([["m3", "m2", "m1"], []]);
});

test("the oldest go when there are too many", () => {
  let state = START;
  for (let number = 2; number <= MOST + 1; number++)
    state = next(state, { is: "came", message: message(number) });
  expect(state.shown.length).toBe(MOST);
  expect(state.shown.at(-1)?.message_id).toBe("m2");
});

test("what was refused while it was read is called by its body", () => {
  const refused = { name: null, type: null };
  expect(titleOf(message(1))).toBe("Product Viewed");
  expect(titleOf(message(1, { ...refused, body: '{"type":"track","event":"Paid"}' }))).toBe("Paid");
  expect(titleOf(message(1, { ...refused, body: '{"type":"rename"}' }))).toBe("rename");
  expect(titleOf(message(1, { ...refused, body: '"text"' }))).toBe(null);
  expect(titleOf(message(1, { ...refused, body: "null" }))).toBe(null);
  expect(titleOf(message(1, { ...refused, body: "{cut" }))).toBe(null);
});
