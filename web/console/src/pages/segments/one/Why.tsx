import { Badge, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../../api/client";
import { useAsOf } from "../../../app/AsOf";
import { Refused } from "../../../show/Refused";
import { When } from "../../../show/When";
import classes from "./why.module.css";

type Explained = Schema["Explained"];

/** Every condition with its verdict for one customer, what was found, and the rows behind it. */
export function Why({ name, profile }: { name: string; profile: string }) {
  const say = useTranslations("segments.why");
  const asOf = useAsOf();
  const found = useQuery({
    queryKey: ["segments", "why", name, profile, asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments/{name}/explain", {
          params: { path: { name }, query: { profile, as_of: asOf } },
          signal,
        }),
      ),
  });
  if (found.isError) return <Refused error={found.error} again={found.refetch} />;
  if (!found.data) return <Skeleton height={90} mt="md" />;
  return (
    <Stack gap="xs" mt="md">
      <Group gap="xs">
        <Badge color={found.data.member ? "teal" : "gray"} data-member={found.data.member}>
          {say(found.data.member ? "in" : "out")}
        </Badge>
        {found.data.changes_at && (
          <Text size="sm" c="dimmed">
            {say("changes")} <When at={found.data.changes_at} exact />
          </Text>
        )}
      </Group>
      <One explained={found.data.condition} />
    </Stack>
  );
}

function One({ explained }: { explained: Explained }) {
  const say = useTranslations("segments.why");
  const { holds, evidence, conditions } = explained;
  const Icon = holds ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes.one}>
      <Group gap={6} wrap="nowrap" align="flex-start">
        <Icon
          size={17}
          className={holds ? classes.holds : classes.fails}
          aria-label={say(holds ? "holds" : "fails")}
        />
        <div className={classes.text}>
          {conditions.length === 0 ? (
            <code className={classes.asked}>{explained.asked}</code>
          ) : (
            <Text size="sm" c="dimmed">
              {JOINS.includes(explained.kind)
                ? say(`kinds.${explained.kind as "all"}`)
                : explained.asked}
            </Text>
          )}
          {explained.value !== null && explained.value !== undefined && conditions.length === 0 && (
            <Text size="sm">
              {say("found")} <b>{shown(explained.value)}</b>
            </Text>
          )}
          {evidence && evidence.rows.length > 0 && (
            <Text size="xs" c="dimmed" component="div">
              {say("rows", { count: evidence.total })}{" "}
              {evidence.rows.slice(0, 3).map((row, at) => (
                <span key={`${row.position}:${row.line}`}>
                  {at > 0 && ", "}
                  {row.name} {row.occurred_at && <When at={row.occurred_at} exact />}
                </span>
              ))}
            </Text>
          )}
        </div>
      </Group>
      {conditions.map((one) => (
        <One key={one.field} explained={one} />
      ))}
    </div>
  );
}

const JOINS = ["all", "any", "not", "at_least"];

const shown = (value: unknown) =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
