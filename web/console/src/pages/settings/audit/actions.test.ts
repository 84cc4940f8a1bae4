import { expect, test } from "vitest";
import { told } from "./actions";

test("what would come of a merge is no merge", () => {
  const action = "POST /identity/merge";
  expect(told(action, { decision_id: "none: a preview" }).done).toBe("previewed");
  expect(told(action, { decision_id: "7" }).done).toBe("merged");
});

test.each([
  ["POST /tokens", "tokens", "made"],
  ["POST /tokens/{name}/replace", "tokens", "replaced"],
  ["PATCH /people/{person_id}", "people", "changed"],
  ["DELETE /segments/{name}", "segments", "removed"],
  ["GET /segments/{name}/export", "segments", "exported"],
  ["POST /identity/reviews/{review_id}", "identity", "done"],
  ["POST /sql", "sql", "asked"],
  ["sign-in failed", "signIn", "signInFailed"],
  ["POST /something-new", "other", "made"],
])("%s is about %s: %s", (action, area, done) => {
  expect(told(action)).toEqual({ area, done });
});
