import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schema } from "../../../api/client";
import { allTokens } from "../asked";

/** Does something to tokens, and asks for all of them anew. */
export function useChange<V, R>(change: (given: V) => Promise<R>, done: (answer: R) => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (answer) => {
      cache.invalidateQueries({ queryKey: allTokens.queryKey });
      done(answer);
    },
  });
}

const at = (name: string) => ({ params: { path: { name } } });

export const makeToken = (token: Schema["NewToken"]) =>
  body(api.POST("/api/v1/tokens", { body: token }));

export const replaceToken = (name: string) =>
  body(api.POST("/api/v1/tokens/{name}/replace", at(name)));

export const revokeToken = (name: string) => body(api.DELETE("/api/v1/tokens/{name}", at(name)));
