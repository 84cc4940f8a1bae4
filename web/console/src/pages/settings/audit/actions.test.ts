import { expect, test } from "vitest";
import { told } from "./actions";

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
