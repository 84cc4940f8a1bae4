import {
  Anchor,
  Badge,
  Button,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
} from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { useMay } from "../../../session/session";
import { Foreign } from "../../../show/Foreign";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { When } from "../../../show/When";
import { type MergeEntry, mergesOf } from "../asked";
import classes from "../Identity.module.css";
import { Decisions } from "./Decisions";
import { Undo } from "./Undo";

/** The newest merges and partings, each with its reason; what people decided stands below. */
export function Merges() {
  const say = useTranslations("identity.merges");
  const navigate = useNavigate({ from: "/identity/merges" });
  const { kind, undo } = useSearch({ from: "/identity/merges" });
  const found = useInfiniteQuery(mergesOf(kind));
  const all = found.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Stack gap="md">
      <Panel
        title={say("title")}
        flush
        aside={
          <SegmentedControl
            size="xs"
            aria-label={say("which")}
            data={[
              { value: "all", label: say("kinds.all") },
              { value: "merge", label: say("kinds.merge") },
              { value: "split", label: say("kinds.split") },
            ]}
            value={kind ?? "all"}
            onChange={(chosen) =>
              navigate({ search: { kind: chosen === "all" ? undefined : (chosen as "merge") } })
            }
          />
        }
      >
        {found.isError && <Refused error={found.error} again={found.refetch} />}
        {found.isPending && <Skeleton height={240} m="md" />}
        {found.data && all.length === 0 && (
          <Teaching title={say("none")}>{say("noneHow")}</Teaching>
        )}
        {all.map((one) => (
          <Row key={one.merge_id} merge={one} />
        ))}
        {found.hasNextPage && (
          <Button
            variant="subtle"
            m="xs"
            loading={found.isFetchingNextPage}
            onClick={() => found.fetchNextPage()}
          >
            {say("more")}
          </Button>
        )}
      </Panel>
      <Decisions />
      {undo !== undefined && <Undo number={undo} />}
    </Stack>
  );
}

function Row({ merge }: { merge: MergeEntry }) {
  const say = useTranslations("identity.merges");
  const navigate = useNavigate({ from: "/identity/merges" });
  const may = useMay("identity:decide");
  const { cause } = useTold();
  // Two customers today: it was undone, or they came apart, since.
  const one = merge.customers.length === 1;
  return (
    <div className={classes.row} data-merge={merge.merge_id}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={2} miw={0}>
          <Group gap="xs">
            <Badge color={merge.kind === "merge" ? "indigo" : "orange"}>
              {say(`kinds.${merge.kind}`)}
            </Badge>
            {merge.customers.map((customer) => (
              <Anchor
                key={customer.profile_id}
                size="sm"
                fw={500}
                renderRoot={(props) => (
                  <Link
                    to="/customers/$id"
                    params={{ id: String(customer.profile_id) }}
                    search={{ view: "identity" }}
                    {...props}
                  />
                )}
              >
                {customer.identifier ?? say("profile", { id: String(customer.profile_id) })}
              </Anchor>
            ))}
            {merge.kind === "merge" && !one && <Badge color="gray">{say("apartToday")}</Badge>}
          </Group>
          <Text size="sm">
            <Foreign said={cause(merge.kind, merge.cause, merge.reason)} />
          </Text>
          <Text size="xs" c="dimmed">
            <When at={merge.recorded_at} exact />
            {merge.source && ` · ${say("source", { source: merge.source })}`}
            {merge.made_by && ` · ${say("by", { name: merge.made_by })}`}
            {merge.link && ` · ${merge.link.join(" — ")}`}
          </Text>
        </Stack>
        {may && merge.kind === "merge" && one && (
          <Button
            variant="default"
            onClick={() => navigate({ search: (before) => ({ ...before, undo: merge.merge_id }) })}
            aria-label={`${say("undo")}: ${merge.link?.join(", ") ?? merge.profiles.join(", ")}`}
          >
            {say("undo")}
          </Button>
        )}
      </Group>
    </div>
  );
}
