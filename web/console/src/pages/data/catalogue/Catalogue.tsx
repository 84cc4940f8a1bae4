import { Button, Group, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUpload } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../api/vocabulary";
import type { CatalogueSearch } from "../../../app/routes/data";
import { useMay } from "../../../session/session";
import { useAmounts } from "../../../show/amounts";
import { Refused } from "../../../show/Refused";
import { SearchField } from "../../../show/SearchField";
import { Teaching } from "../../../show/Teaching";
import { type EntityKind, kinds, pagesOf } from "./asked";
import { EntityTable } from "./EntityTable";
import { OneEntity } from "./OneEntity";
import { TakeIn } from "./TakeIn";

/** Products, stores, campaigns: what events refer to by their ids. */
export function Catalogue() {
  const say = useTranslations("catalogue");
  const may = useMay("catalogue:write");
  const [open, taking] = useDisclosure(false);
  const found = useQuery(kinds);
  const { kind: wanted } = useSearch({ from: "/data/catalogue" });
  const kind = found.data?.data.find((one) => one.kind === wanted) ?? found.data?.data[0];
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" maw={640}>
          {say("about")}
        </Text>
        {may && (
          <Button
            leftSection={<IconUpload size={15} />}
            onClick={taking.toggle}
            aria-expanded={open}
            variant={open ? "default" : "filled"}
          >
            {say("take")}
          </Button>
        )}
      </Group>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={300} />}
      {open && kind && <TakeIn kind={kind.kind} />}
      {found.data && kind && <OfKind all={found.data.data} kind={kind} />}
    </Stack>
  );
}

function OfKind({ all, kind }: { all: EntityKind[]; kind: EntityKind }) {
  const say = useTranslations("catalogue");
  const { search, brand, id } = useSearch({ from: "/data/catalogue" });
  const pages = useInfiniteQuery(pagesOf({ kind: kind.kind, search, brand }));
  const rows = pages.data?.pages.flatMap((page) => page.data);
  const empty = kind.entities === 0;
  return (
    <>
      {(!empty || all.length > 1) && <Narrow all={all} kind={kind} />}
      {id && <OneEntity kind={kind.kind} id={id} brand={brand} />}
      {pages.isError && <Refused error={pages.error} again={pages.refetch} />}
      {pages.isPending && <Skeleton height={240} />}
      {rows?.length === 0 && (
        <Teaching
          title={empty ? say("empty") : say("none")}
          command={empty ? "patron catalogue import feed.xml --source feed --complete" : undefined}
        >
          {empty ? say("emptyHow") : say("noneHow")}
        </Teaching>
      )}
      {rows && rows.length > 0 && <EntityTable rows={rows} />}
      {pages.hasNextPage && (
        <Button
          variant="default"
          w="fit-content"
          loading={pages.isFetchingNextPage}
          onClick={() => pages.fetchNextPage()}
        >
          {say("more")}
        </Button>
      )}
    </>
  );
}

/** Which kind, whose catalogue, and words to look for; all of it stands in the address. */
function Narrow({ all, kind }: { all: EntityKind[]; kind: EntityKind }) {
  const say = useTranslations("catalogue");
  const { number } = useAmounts();
  const navigate = useNavigate({ from: "/data/catalogue" });
  const wanted = useSearch({ from: "/data/catalogue" });
  const known = useQuery(vocabulary);
  const put = (change: CatalogueSearch, replace = false) =>
    navigate({ search: (before) => ({ ...before, id: undefined, ...change }), replace });
  const brands = known.data?.brands ?? [];
  return (
    <Group gap="xs">
      {all.length > 1 && (
        <SegmentedControl
          aria-label={say("kind")}
          value={kind.kind}
          onChange={(chosen) => put({ kind: chosen })}
          data={all.map((one) => ({
            value: one.kind,
            label: `${one.kind} · ${number(one.entities)}`,
          }))}
        />
      )}
      <SearchField
        label={say("search", { count: number(kind.entities) })}
        value={wanted.search}
        onSearch={(search) => put({ search }, true)}
      />
      {brands.length > 1 && (
        <Select
          w={170}
          clearable
          aria-label={say("brand")}
          placeholder={say("anyBrand")}
          data={brands}
          value={wanted.brand ?? null}
          onChange={(brand) => put({ brand: brand ?? undefined })}
          clearButtonProps={{ "aria-label": say("anyBrand") }}
        />
      )}
    </Group>
  );
}
