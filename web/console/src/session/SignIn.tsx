import { Alert, PasswordInput, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Problem } from "../api/client";
import { Entrance } from "./Entrance";
import { signedIn, signIn } from "./session";

export function SignIn() {
  const say = useTranslations("signIn");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const trying = useMutation({ mutationFn: signIn, onSuccess: signedIn });

  return (
    <Entrance
      title={say("title")}
      how={say("how")}
      enter={say("enter")}
      busy={trying.isPending}
      onEnter={() => trying.mutate({ email, password })}
    >
      {trying.error && (
        <Alert color="red" role="alert" title={said(trying.error, say("refused"))}>
          {trying.error instanceof Problem && trying.error.hint && (
            <Text size="sm">{trying.error.hint}</Text>
          )}
        </Alert>
      )}
      <TextInput
        type="email"
        label={say("email")}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        autoComplete="username"
        required
        withAsterisk={false}
      />
      <PasswordInput
        label={say("password")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        required
        withAsterisk={false}
      />
    </Entrance>
  );
}

/** A wrong password is said in the person's language; locks and the rest as the API puts them. */
function said(error: Error, refused: string): string {
  return error instanceof Problem && error.status === 401 ? refused : error.message;
}
