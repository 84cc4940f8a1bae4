import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Wrong } from "../show/Refused";
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
      {trying.error && <Wrong error={trying.error} />}
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
