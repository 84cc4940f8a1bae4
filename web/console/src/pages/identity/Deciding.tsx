import { Button, Group, Skeleton, Stack, Table, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";
import { Long } from "../../show/Long";
import { Wrong } from "../../show/Refused";
import { type Decided, decide, previewOf, useDeciding, type Wish } from "./asked";

interface DecidingProps {
  wish: Wish;
  /** What the button says. */
  action: string;
  onDone: () => void;
}

/** Who there would be, asked without changing anything; then why, and doing just that. */
export function Deciding({ wish, action, onDone }: DecidingProps) {
  const say = useTranslations("identity.deciding");
  const [reason, setReason] = useState("");
  const told = useQuery(previewOf(wish));
  const doing = useDeciding((fingerprint: string | null) =>
    decide(wish, { reason: reason.trim(), fingerprint }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!told.data || reason.trim() === "") return;
    doing.mutate(told.data.fingerprint, {
      onSuccess: ({ decision }) => {
        const number = String(decision.decision_id);
        notifications.show({ message: say("done", { number }), color: "teal" });
        onDone();
      },
    });
  };
  const refusal = told.error ?? doing.error;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {told.isPending && <Skeleton height={90} />}
        {refusal && <Wrong error={refusal} color="orange" />}
        {told.data && <After told={told.data} />}
        <Textarea
          label={say("reason")}
          description={say("reasonHow")}
          required
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group>
          <Button
            type="submit"
            size="sm"
            disabled={!told.data || reason.trim() === ""}
            loading={doing.isPending}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The customers that a decision is about, as they would be afterwards. */
function After({ told }: { told: Decided }) {
  const say = useTranslations("identity.deciding");
  const { number } = useAmounts();
  const held = told.customers.flatMap((one) => one.held_back);
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {say("after", { count: told.customers.length })}
      </Text>
      <Table aria-label={say("after", { count: told.customers.length })}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("profile")}</Table.Th>
            <Table.Th>{say("was")}</Table.Th>
            <Table.Th>{say("identifiers")}</Table.Th>
            <Table.Th ta="right">{say("events")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {told.customers.map((one) => (
            <Table.Tr key={one.profile_id} data-after={one.profile_id}>
              <Table.Td>{one.profile_id}</Table.Td>
              <Table.Td>{one.before.join(", ")}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Long text={one.identifiers.slice(0, MOST).join(", ")} />
                {one.identifier_count > MOST &&
                  ` ${say("andMore", { count: one.identifier_count - MOST })}`}
              </Table.Td>
              <Table.Td ta="right">{number(one.events)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {held.length > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {say("heldBack", { names: held.join(", ") })}
        </Text>
      )}
      <Text size="xs" c="dimmed" mt={4}>
        {say("follows")}
      </Text>
    </div>
  );
}

const MOST = 8;
