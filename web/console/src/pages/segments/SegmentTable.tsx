import { Anchor, Badge, Box, Group, Table, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";
import { When } from "../../show/When";
import type { Segment } from "./asked";
import { Size } from "./Size";
import { Spark } from "./Spark";

type By = "name" | "count" | "moved" | "changed";

const VALUES: Record<By, (one: Segment) => number | string> = {
  name: (one) => one.name,
  count: (one) => one.count ?? 0,
  moved: (one) => (one.trend ? one.trend.entered + one.trend.left : 0),
  changed: (one) => one.trend?.last_change ?? "",
};

const COLUMNS = Object.keys(VALUES) as By[];

/** Segments in rows, sorted by a column; the address names it, with a minus from the last down. */
export function SegmentTable({ segments }: { segments: Segment[] }) {
  const say = useTranslations("segments");
  const navigate = useNavigate({ from: "/segments" });
  const { sort = "name" } = useSearch({ from: "/segments" });
  const down = sort.startsWith("-");
  const by = COLUMNS.find((one) => one === sort.replace("-", "")) ?? "name";
  const sorted = segments.toSorted((a, b) => {
    const [x, y] = [VALUES[by](a), VALUES[by](b)];
    const order = x < y ? -1 : x > y ? 1 : 0;
    return down ? -order : order;
  });
  const head = (column: By, right = false, hidden = false) => (
    <Table.Th
      ta={right ? "right" : undefined}
      visibleFrom={hidden ? "sm" : undefined}
      aria-sort={by === column ? (down ? "descending" : "ascending") : "none"}
    >
      <UnstyledButton
        fz="sm"
        fw={600}
        lh="1.5rem"
        onClick={() => {
          const next = by === column ? !down : column !== "name";
          const chosen = `${next ? "-" : ""}${column}`;
          navigate({ search: (before) => ({ ...before, sort: chosen }), replace: true });
        }}
      >
        {say(`columns.${column}`)}
        {by === column &&
          (down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
      </UnstyledButton>
    </Table.Th>
  );
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          {head("name")}
          {head("count", true)}
          {head("moved", false, true)}
          {head("changed", false, true)}
          <Table.Th visibleFrom="md">{say("save.owner")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sorted.map((one) => (
          <Row key={one.name} segment={one} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ segment }: { segment: Segment }) {
  const say = useTranslations("segments");
  const { number } = useAmounts();
  const { name, trend, values } = segment;
  return (
    <Table.Tr>
      <Table.Td maw={440}>
        <Anchor
          fw={600}
          size="sm"
          renderRoot={(props) => <Link to="/segments/$name" params={{ name }} {...props} />}
        >
          {name}
        </Anchor>
        {values && values.length > 0 && (
          <Badge ml={8}>{say("valuesCount", { count: values.length })}</Badge>
        )}
        {segment.journey_stage && (
          <Badge ml={8} color="gray">
            {segment.journey_stage}
          </Badge>
        )}
        <Text size="xs" c="dimmed" lineClamp={1}>
          {segment.description ?? (values?.length ? "" : segment.text)}
        </Text>
        {values && values.length > 0 && (
          <Group gap="0 12px" data-values>
            {values.map((one) => (
              <Text key={one.value} size="xs" span className="figures">
                {one.value}{" "}
                <Text span inherit c="dimmed">
                  <Size count={one.count} />
                </Text>
              </Text>
            ))}
          </Group>
        )}
      </Table.Td>
      <Table.Td ta="right" fw={600}>
        <Size count={segment.count} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {trend ? (
          <Box>
            <Spark
              values={trend.sizes}
              label={say("trendHow", { entered: trend.entered, left: trend.left })}
            />
            <Text
              span
              size="xs"
              c="var(--mantine-color-teal-light-color)"
              className="figures"
              ml={8}
            >
              +{number(trend.entered)}
            </Text>
            <Text
              span
              size="xs"
              c="var(--mantine-color-red-light-color)"
              className="figures"
              ml={6}
            >
              −{number(trend.left)}
            </Text>
          </Box>
        ) : (
          segment.count != null && (
            <Text size="xs" c="dimmed">
              {say("notRecorded")}
            </Text>
          )
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{trend?.last_change && <When at={trend.last_change} />}</Table.Td>
      <Table.Td visibleFrom="md">{segment.owner}</Table.Td>
    </Table.Tr>
  );
}
