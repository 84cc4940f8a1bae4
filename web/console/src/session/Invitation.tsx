import { PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Wrong } from "../show/Refused";
import { Entrance } from "./Entrance";
import type { Session } from "./session";
import { acceptInvitation, SHORTEST_PASSWORD, signedIn } from "./session";

/** The code of an invitation. It stands behind the #, which browsers do not send anywhere. */
export function invitationCode(): string | null {
  return new URLSearchParams(window.location.hash.slice(1)).get("code");
}

/** Somebody who was invited chooses a password. */
export function Invitation() {
  const say = useTranslations("invitation");
  const [password, setPassword] = useState("");
  const accepting = useMutation({
    mutationFn: () => acceptInvitation({ code: invitationCode() ?? "", password }),
    onSuccess: (session: Session) => {
      window.history.replaceState(null, "", "/console/");
      signedIn(session);
    },
  });
  return (
    <Entrance
      title={say("title")}
      how={say("how")}
      enter={say("enter")}
      busy={accepting.isPending}
      onEnter={() => accepting.mutate()}
    >
      {accepting.error && <Wrong error={accepting.error} />}
      <PasswordInput
        label={say("password")}
        description={say("rule", { shortest: SHORTEST_PASSWORD })}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
        withAsterisk={false}
      />
    </Entrance>
  );
}
