import { SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { LANGUAGES, type LanguageCode, useLanguage } from "../../../language/Language";
import { Confirm } from "../../../show/Confirm";
import type { Role } from "../asked";
import { RoleChoice } from "./RoleChoice";
import { type Invited, invite, useChange } from "./writing";

interface InviteProps {
  onInvited: (invited: Invited) => void;
  onClose: () => void;
}

/** Somebody new: the API answers with the link that lets them in. */
export function Invite({ onInvited, onClose }: InviteProps) {
  const say = useTranslations("settings.people");
  const speaks = useLanguage().language;
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("read-only");
  const [language, setLanguage] = useState<LanguageCode>(speaks);
  const inviting = useChange(
    () => invite({ email: email.trim(), name: name.trim(), role, language }),
    onInvited,
  );
  return (
    <Confirm
      title={say("inviteTitle")}
      does={say("invite")}
      ready={email.includes("@") && name.trim() !== ""}
      busy={inviting.isPending}
      error={inviting.error}
      onDo={() => inviting.mutate(undefined)}
      onClose={onClose}
    >
      <Stack gap="sm">
        <TextInput
          type="email"
          label={say("email")}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={say("name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleChoice role={role} onChange={setRole} />
        <div>
          <Text size="sm" fw={500} mb={4}>
            {say("language")}
          </Text>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={say("language")}
            value={language}
            onChange={(chosen) => setLanguage(chosen as LanguageCode)}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          />
        </div>
      </Stack>
    </Confirm>
  );
}
