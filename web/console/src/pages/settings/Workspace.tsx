import { Badge, Group, SimpleGrid, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useNow, useTranslations } from "use-intl";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { Command, Teaching } from "../../show/Teaching";
import { When } from "../../show/When";
import { theWorkspace } from "./asked";

/** What holds for all of it: its time zone, its brands, the currencies that occur. */
export function Workspace() {
  const found = useQuery(theWorkspace);
  if (found.isError) return <Refused error={found.error} again={found.refetch} />;
  if (found.isPending) return <Skeleton height={320} />;
  const { brands, conversions, ...facts } = found.data;
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Time zone={facts.time_zone} />
        <Facts {...facts} />
      </SimpleGrid>
      <Brands brands={brands} />
      <Currencies conversions={conversions} />
    </Stack>
  );
}

function Time({ zone }: { zone: string }) {
  const say = useTranslations("settings.workspace");
  const format = useFormatter();
  const now = useNow({ updateInterval: 30_000 });
  return (
    <Panel title={say("time")}>
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {say("zoneNow", {
            zone,
            now: format.dateTime(now, { dateStyle: "medium", timeStyle: "short", timeZone: zone }),
          })}
        </Text>
        <Text size="sm" c="dimmed">
          {say("zoneHow")}
        </Text>
        <Command text={`time_zone = "${zone}"`} />
      </Stack>
    </Panel>
  );
}

interface FactsProps {
  name: string;
  created_at: string;
  public_url: string | null;
}

function Facts({ name, created_at, public_url }: FactsProps) {
  const say = useTranslations("settings.workspace");
  return (
    <Panel title={name}>
      <Stack gap="xs">
        <Text size="sm">{say.rich("since", { when: () => <When at={created_at} exact /> })}</Text>
        <Text size="sm">
          {public_url ? say("reached", { url: public_url }) : say("notReached")}
        </Text>
        {!public_url && <Command text={'public_url = "https://patron.example.com"'} />}
      </Stack>
    </Panel>
  );
}

interface Brand {
  name: string;
  sources: string[];
  currencies: string[];
}

function Brands({ brands }: { brands: Brand[] }) {
  const say = useTranslations("settings.workspace");
  return (
    <Panel title={say("brands")} flush>
      {brands.length === 0 && <Teaching title={say("noBrands")}>{say("brandsHow")}</Teaching>}
      {brands.length > 0 && (
        <>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("brand")}</Table.Th>
                <Table.Th>{say("sources")}</Table.Th>
                <Table.Th>{say("currencies")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {brands.map((one) => (
                <Table.Tr key={one.name}>
                  <Table.Td fw={600}>{one.name}</Table.Td>
                  <Table.Td>{one.sources.join(", ") || "–"}</Table.Td>
                  <Table.Td miw={72}>
                    <Group gap={4}>
                      {one.currencies.map((code) => (
                        <Badge key={code} color="gray">
                          {code}
                        </Badge>
                      ))}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text size="xs" c="dimmed" p="sm">
            {say("brandsHow")}
          </Text>
        </>
      )}
    </Panel>
  );
}

const RATES = `kind: exchange_rates
name: eur
rates:
  - {currency: USD, from: 2026-01-01, rate: 0.85}`;

function Currencies({ conversions }: { conversions: { currency: string; of: string[] }[] }) {
  const say = useTranslations("settings.workspace");
  return (
    <Panel title={say("conversions")}>
      <Stack gap="xs">
        {conversions.map((one) => (
          <Text key={one.currency} size="sm">
            {say("converts", { of: one.of.join(", "), currency: one.currency })}
          </Text>
        ))}
        <Text size="sm" c="dimmed">
          {say("conversionsHow")}
        </Text>
        {conversions.length === 0 && <Command text={RATES} />}
      </Stack>
    </Panel>
  );
}
