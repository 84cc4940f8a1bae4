import {
  Anchor,
  Badge,
  Button,
  Group,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowLeft, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { allSources, type Source, type SourceKind } from "./asked";
import { Connect } from "./Connect";
import { InstallCheck } from "./InstallCheck";
import { Keys } from "./Keys";
import { NewKeyShown } from "./NewKeyShown";
import { SourceDialog } from "./SourceDialog";

/** One place that data comes from: its keys, how to send, and whether anything comes. */
export function OneSource() {
  const say = useTranslations("sources");
  const { name } = useParams({ from: "/data/sources/$name" });
  const found = useQuery(allSources);
  const source = found.data?.data.find((one) => one.name === name);
  return (
    <Stack gap="md">
      <Anchor size="sm" renderRoot={(props) => <Link to="/data/sources" {...props} />}>
        <Group gap={4}>
          <IconArrowLeft size={14} aria-hidden />
          {say("all")}
        </Group>
      </Anchor>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={240} />}
      {found.data && !source && (
        <Teaching title={say("noSuch", { name })}>{say("noSuchHow")}</Teaching>
      )}
      {source && <Whole key={name} source={source} />}
    </Stack>
  );
}

function Whole({ source }: { source: Source }) {
  return (
    <>
      <Head source={source} />
      <NewKeyShown source={source.name} />
      {source.active && <InstallCheck source={source} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        {source.active && <Connect source={source} />}
        <Keys source={source} />
      </SimpleGrid>
    </>
  );
}

function Head({ source }: { source: Source }) {
  const say = useTranslations("sources");
  const { number } = useAmounts();
  const may = useMay("definitions:write");
  const [changing, dialog] = useDisclosure(false);
  const { totals } = source;
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <div>
        <Group gap="xs">
          <Title order={2}>{source.name}</Title>
          <Badge>{say(`kinds.${source.type as SourceKind}`)}</Badge>
          <Badge color="gray">{say("ofBrand", { brand: source.brand })}</Badge>
          <Badge color="gray">{say("trustOf", { trust: source.trust })}</Badge>
          {source.channel !== source.type && (
            <Badge color="gray">{say("channelOf", { channel: source.channel })}</Badge>
          )}
          {!source.active && <Badge color="orange">{say("removed")}</Badge>}
        </Group>
        {source.description && (
          <Text size="sm" c="dimmed" mt={4}>
            {source.description}
          </Text>
        )}
        <Text size="sm" mt={4} className="figures">
          {say("totals", {
            accepted: number(totals.accepted),
            stored: number(totals.stored),
            duplicate: number(totals.duplicate),
            quarantined: number(totals.quarantined),
          })}
        </Text>
      </div>
      {may && (
        <Button variant="default" leftSection={<IconPencil size={15} />} onClick={dialog.open}>
          {say("change")}
        </Button>
      )}
      {changing && <SourceDialog source={source} onClose={dialog.close} />}
    </Group>
  );
}
