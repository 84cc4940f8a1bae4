import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";
import { everybody, type Person } from "../asked";

export type Invited = Omit<Schema["Invited"], "invitation"> & {
  invitation: Schema["Invitation"];
};

/** Does something to people, and asks for all of them anew. */
export function useChange<V, R>(change: (given: V) => Promise<R>, done: (answer: R) => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (answer) => {
      cache.invalidateQueries({ queryKey: everybody.queryKey });
      done(answer);
    },
  });
}

const at = (person: Person) => ({ params: { path: { person_id: person.person_id } } });

export const changePerson = (person: Person, change: Schema["PersonChange"]) =>
  body(api.PATCH("/api/v1/people/{person_id}", { ...at(person), body: change }));

export const inviteAgain = (person: Person) =>
  body(api.POST("/api/v1/people/{person_id}/invitation", at(person)));

export const unlock = (person: Person) =>
  body(api.POST("/api/v1/people/{person_id}/unlock", at(person)));

export const invite = (person: Schema["NewPerson"]) =>
  body(api.POST("/api/v1/people", { body: person }));
