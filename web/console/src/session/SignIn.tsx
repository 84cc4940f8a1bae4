import { Alert, Button, Divider, PasswordInput, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Wrong } from "../show/Refused";
import { Entrance } from "./Entrance";
import { signedIn, signIn, waysIn } from "./session";

export function SignIn() {
  const say = useTranslations("signIn");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [sentBack] = useState(() => ofAddress().get(OUTCOME));
  const silent = sentBack === "unreachable";
  const trying = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      if (sentBack !== null) window.history.replaceState(null, "", whereTo());
      signedIn(session);
    },
  });
  const elsewhere = useQuery(waysIn).data?.oidc;

  return (
    <Entrance
      title={say("title")}
      how={say("how")}
      enter={say("enter")}
      busy={trying.isPending}
      onEnter={() => trying.mutate({ email, password })}
    >
      {elsewhere && (
        <>
          <Button
            component="a"
            variant="default"
            href={`/api/v1/session/oidc?to=${encodeURIComponent(whereTo())}`}
            fullWidth
          >
            {say("elsewhere", { label: elsewhere })}
          </Button>
          <Divider label={say("or")} />
        </>
      )}
      {sentBack !== null && !trying.error && (
        <Alert
          color="red"
          role="alert"
          title={say(silent ? "noAnswer" : "sentBack", { label: elsewhere ?? "" })}
        >
          <Text size="sm">{say(silent ? "noAnswerHow" : "sentBackHow")}</Text>
        </Alert>
      )}
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

/** Tells, in the address, that somebody comes back from the identity provider and may not go in. */
const OUTCOME = "sign_in";

const ofAddress = () => new URLSearchParams(window.location.search);

/** The page that somebody came for. */
function whereTo(): string {
  const asked = ofAddress();
  asked.delete(OUTCOME);
  return `${window.location.pathname}${asked.size > 0 ? `?${asked}` : ""}`;
}
