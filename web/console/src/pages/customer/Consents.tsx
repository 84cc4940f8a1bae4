import { Badge, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { When } from "../../show/When";
import { worded } from "../../show/worded";
import { type Consent, consentsOf } from "./customer";

/** What the customer agreed to and refused, by which source, and since when. */
export function Consents({ id, brand }: { id: string; brand: string | undefined }) {
  const say = useTranslations("customer.consents");
  const consents = useQuery(consentsOf(id, { asOf: useAsOf(), brand }));
  return (
    <Panel title={say("title")}>
      {consents.isError ? (
        <Refused error={consents.error} again={consents.refetch} />
      ) : consents.data ? (
        <Said consents={consents.data} />
      ) : (
        <Skeleton height={48} />
      )}
    </Panel>
  );
}

function Said({ consents }: { consents: Consent[] }) {
  const say = useTranslations("customer.consents");
  if (consents.length === 0)
    return (
      <Stack gap={4}>
        <Text size="sm">{say("none")}</Text>
        <Text size="xs" c="dimmed">
          {say("noneHow")}
        </Text>
      </Stack>
    );
  return (
    <Stack gap="xs">
      {consents.map((one) => (
        <div
          key={`${about(one)} ${one.source}`}
          data-consent={[one.category, one.channel].filter(Boolean).join(" ")}
        >
          <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
            <Text size="sm" miw={0}>
              {[one.category ?? (one.channel ? null : say("messages")), one.channel]
                .filter((part) => part !== null)
                .map(worded)
                .join(" · ")}
            </Text>
            <Badge color={one.granted ? "teal" : "red"}>
              {say(one.granted ? "granted" : "refused")}
            </Badge>
          </Group>
          <Text size="xs" c="dimmed">
            {one.source} · {say.rich("since", { when: () => <When at={one.since} /> })}
          </Text>
        </div>
      ))}
      {differ(consents) && (
        <Text size="xs" c="dimmed">
          {say("differ")}
        </Text>
      )}
    </Stack>
  );
}

const about = ({ category, channel, brand }: Consent) => JSON.stringify([brand, category, channel]);

/** Whether one source says yes to what another one says no to. */
const differ = (consents: Consent[]) =>
  consents.some((one) =>
    consents.some((other) => about(one) === about(other) && one.granted !== other.granted),
  );
