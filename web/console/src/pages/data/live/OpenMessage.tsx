import { Anchor, Badge, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Fate } from "../../../app/routes/data";
import { Side } from "../../../show/Dialog";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { Body } from "../Body";
import { Reason, useReasons } from "../Reason";
import { COLOURS } from "./Live";
import { type Arrived, fateOf, titleOf } from "./useLive";

interface OpenMessageProps {
  id: string;
  /** The message, while the list remembers it. */
  shown: Arrived | undefined;
}

/** One message: what became of it, and what was received. */
export function OpenMessage({ id, shown }: OpenMessageProps) {
  const say = useTranslations("live");
  const navigate = useNavigate({ from: "/data/live" });
  const close = () =>
    navigate({ search: (before) => ({ ...before, message: undefined }), resetScroll: false });
  return (
    <Side title={(shown && titleOf(shown)) ?? say("message")} onClose={close}>
      {shown ? <Whole message={shown} /> : <Stored id={id} />}
    </Side>
  );
}

function Whole({ message }: { message: Arrived }) {
  const say = useTranslations("live");
  const { help } = useReasons();
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Badge color={COLOURS[message.fate]}>{say(`fates.${message.fate}`)}</Badge>
        <Text size="sm">
          {say.rich("came", {
            source: message.source,
            when: () => <When at={message.received_at} />,
          })}
        </Text>
      </Group>
      <Text size="sm">{say(`became.${message.fate}`)}</Text>
      {message.profile_id !== null && <Customer id={message.profile_id} />}
      {message.code && message.reason && (
        <div>
          <Reason why={{ ...message, code: message.code, reason: message.reason }} />
          <Text size="sm" mt={4}>
            {help(message.code)}
          </Text>
          <Group mt="xs">
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link
                  to="/data/quarantine"
                  search={{
                    source: message.source,
                    code: message.code ?? undefined,
                    field: message.field ?? "",
                  }}
                  {...props}
                />
              )}
            >
              {say("toQuarantine")}
            </Button>
          </Group>
        </div>
      )}
      <Body text={message.body} />
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {say("id", { id: message.message_id ?? "–" })}
      </Text>
    </Stack>
  );
}

function Customer({ id }: { id: number }) {
  const say = useTranslations("live");
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => <Link to="/customers/$id" params={{ id: String(id) }} {...props} />}
    >
      {say("toCustomer", { id: String(id) })}
    </Anchor>
  );
}

/** A message that the list has forgotten: its fate is known for ever, its body is in the log. */
function Stored({ id }: { id: string }) {
  const say = useTranslations("live");
  const found = useQuery(fateOf(id));
  const missing = found.error && "status" in found.error && found.error.status === 404;
  if (missing) return <Teaching title={say("unknown")}>{say("unknownHow", { id })}</Teaching>;
  if (found.error) return <Refused error={found.error} again={found.refetch} />;
  if (!found.data) return <Skeleton height={120} />;
  return (
    <Stack gap="sm">
      {found.data.map((one) => (
        <div key={one.source}>
          <Group gap="xs">
            <Badge color={COLOURS[one.fate as Fate]}>{say(`fates.${one.fate as Fate}`)}</Badge>
            <Text size="sm">
              {say.rich("came", { source: one.source, when: () => <When at={one.received_at} /> })}
            </Text>
          </Group>
          {one.profile_id != null && <Customer id={one.profile_id} />}
          {one.code && one.reason && (
            <Reason why={{ ...one, code: one.code, reason: one.reason }} />
          )}
        </div>
      ))}
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {say("id", { id })}
      </Text>
    </Stack>
  );
}
