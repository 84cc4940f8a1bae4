import { Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Confirm } from "../../../show/Confirm";
import type { Role } from "../asked";
import { RoleChoice } from "../people/RoleChoice";
import type { Made } from "./Tokens";
import { makeToken, useChange } from "./writing";

const TERMS = ["30", "90", "365", "never"] as const;

interface NewTokenProps {
  onMade: (token: Made) => void;
  onClose: () => void;
}

/** A token for a program: what uses it, what it may do, how long it holds. */
export function NewToken({ onMade, onClose }: NewTokenProps) {
  const say = useTranslations("settings.tokens");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("read-only");
  const [term, setTerm] = useState<(typeof TERMS)[number]>("90");
  const days = term === "never" ? null : Number(term);
  const making = useChange(() => makeToken({ name, role, days }), onMade);
  return (
    <Confirm
      title={say("make")}
      does={say("make")}
      ready={name !== ""}
      busy={making.isPending}
      error={making.error}
      onDo={() => making.mutate(undefined)}
      onClose={onClose}
    >
      <Stack gap="sm">
        <TextInput
          label={say("name")}
          description={say("nameHow")}
          placeholder="crm"
          value={name}
          onChange={(event) => setName(event.currentTarget.value.trim().toLowerCase())}
          data-autofocus
        />
        <RoleChoice role={role} onChange={setRole} />
        <Select
          label={say("term")}
          allowDeselect={false}
          data={TERMS.map((value) => ({
            value,
            label: value === "never" ? say("never") : say("days", { count: Number(value) }),
          }))}
          value={term}
          onChange={(chosen) => chosen && setTerm(chosen as typeof term)}
        />
      </Stack>
    </Confirm>
  );
}
