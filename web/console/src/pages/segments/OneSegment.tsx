import { Anchor, Badge, Box, Button, Code, Group, Skeleton, Tabs, Text } from "@mantine/core";
import { IconDownload, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { SEGMENT_VIEWS, type SegmentView } from "../../app/routes/segments";
import { useMay } from "../../session/session";
import { useAmounts } from "../../show/amounts";
import { PageHead } from "../../show/PageHead";
import { Refused } from "../../show/Refused";
import show from "../../show/show.module.css";
import { TabBar } from "../../show/TabBar";
import { countedSegment, oneSegment, type Segment } from "./asked";
import { Remove } from "./one/Remove";
import { Size } from "./Size";
import classes from "./values/values.module.css";

const VIEWS = {
  size: lazy(() => import("./one/Size").then((found) => ({ default: found.Size }))),
  performance: lazy(() =>
    import("./one/Performance").then(({ Performance }) => ({ default: Performance })),
  ),
  overlap: lazy(() => import("./one/Overlap").then(({ Overlap }) => ({ default: Overlap }))),
  members: lazy(() => import("./one/Members").then(({ Members }) => ({ default: Members }))),
  versions: lazy(() => import("./one/Versions").then(({ Versions }) => ({ default: Versions }))),
} satisfies Record<SegmentView, unknown>;

/** Everything about one segment. */
export function OneSegment() {
  const say = useTranslations("segments");
  const { name } = useParams({ from: "/segments/$name" });
  const { view = "size" } = useSearch({ from: "/segments/$name" });
  const navigate = useNavigate({ from: "/segments/$name" });
  const asOf = useAsOf();
  const found = useQuery(oneSegment(name, asOf));
  const counted = useQuery(countedSegment(name, asOf));
  const segment = (counted.data ?? found.data)?.segment;
  const View = VIEWS[view];
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1280}>
      <PageHead title={name} about={segment?.description}>
        {!found.isError && <Actions name={name} />}
      </PageHead>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={80} />}
      {segment && (
        <>
          <Group gap="lg" mb="sm" align="flex-end">
            <div>
              <div className={show.value}>
                <Size count={segment.count} />
              </div>
              <Text size="xs" c="dimmed">
                {say("members")}
              </Text>
            </div>
            <Meant segment={segment} />
          </Group>
          <Rule segment={segment} />
          <Tabs
            value={view}
            onChange={(chosen) =>
              navigate({ search: (before) => ({ ...before, view: chosen as SegmentView }) })
            }
          >
            <TabBar
              label={name}
              tabs={SEGMENT_VIEWS.map((one) => ({ name: one, label: say(`views.${one}`) }))}
            />
            <Tabs.Panel value={view}>
              <Suspense fallback={<Skeleton height={260} />}>
                <View segment={segment} />
              </Suspense>
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </Box>
  );
}

function Actions({ name }: { name: string }) {
  const say = useTranslations("segments");
  const asOf = useAsOf();
  const mayWrite = useMay("segments:write");
  const mayExport = useMay("profiles:export");
  const query = asOf ? `&as_of=${encodeURIComponent(asOf)}` : "";
  return (
    <Group gap="xs">
      {mayExport && (
        <Button
          component="a"
          variant="default"
          leftSection={<IconDownload size={15} />}
          href={`/api/v1/segments/${encodeURIComponent(name)}/export?format=csv${query}`}
          download
        >
          {say("export")}
        </Button>
      )}
      {mayWrite && (
        <Button
          leftSection={<IconPencil size={15} />}
          renderRoot={(props) => <Link to="/segments/$name/edit" params={{ name }} {...props} />}
        >
          {say("change")}
        </Button>
      )}
      {mayWrite && !name.includes("=") && <Remove name={name} />}
    </Group>
  );
}

function Meant({ segment }: { segment: Segment }) {
  const say = useTranslations("segments");
  const { decimal, money } = useAmounts();
  const goal = segment.goal as { measure: string; target: number; currency?: string } | null;
  return (
    <Group gap="xs">
      {segment.journey_stage && <Badge color="gray">{segment.journey_stage}</Badge>}
      {segment.owner && <Badge color="gray">{say("ownedBy", { owner: segment.owner })}</Badge>}
      {goal && (
        <Badge>
          {say(`measures.${goal.measure as "orders"}`)}:{" "}
          {goal.currency ? money(goal.target, goal.currency) : decimal(goal.target)}
        </Badge>
      )}
      <Badge color="gray">{say("version", { version: segment.version })}</Badge>
    </Group>
  );
}

/** Who is in it: the rule, or values with a rule each, of which the first that holds counts. */
function Rule({ segment }: { segment: Segment }) {
  const values = segment.values ?? [];
  if (values.length === 0)
    return (
      <Code block mb="md" className={show.wrapped}>
        {segment.text.trim()}
      </Code>
    );
  return (
    <Box mb="md" component="ol" className={classes.values}>
      {values.map((one) => (
        <li key={one.value} className={classes.value}>
          <Anchor
            fw={600}
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/segments/$name"
                params={{ name: `${segment.name}=${one.value}` }}
                {...props}
              />
            )}
          >
            {one.value}
          </Anchor>
          <Text size="sm" fw={600} ta="right" className="figures" data-holders={one.count}>
            <Size count={one.count} />
          </Text>
          <Code>{(one.written ?? one.text).trim()}</Code>
        </li>
      ))}
    </Box>
  );
}
