import { Code, Group, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body, type Schema } from "../../api/client";
import { useAsOf } from "../../app/AsOf";
import { Refused } from "../../show/Refused";
import { When } from "../../show/When";
import classes from "./Customer.module.css";
import { customerKey, plainly } from "./customer";

/** Why a customer is in a segment, or is not: each condition with what was found. */
export function Why({ id, segment }: { id: string; segment: string }) {
  const say = useTranslations("customer");
  const asOf = useAsOf();
  const why = useQuery({
    queryKey: [...customerKey(id), "why", segment, asOf],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/segments/{name}/explain", {
          params: { path: { name: segment }, query: { profile: id, as_of: asOf } },
          signal,
        }),
      ),
  });
  if (why.isError) return <Refused error={why.error} again={why.refetch} />;
  if (!why.data) return <Skeleton height={60} mt="sm" />;
  return (
    <Stack gap="xs" mt="sm">
      <Condition condition={why.data.condition} />
      {why.data.changes_at && (
        <Text size="xs" c="dimmed">
          {say.rich("changes", { when: () => <When at={why.data.changes_at ?? ""} exact /> })}
        </Text>
      )}
    </Stack>
  );
}

function Condition({ condition }: { condition: Schema["Explained"] }) {
  const say = useTranslations("customer");
  const value = plainly(condition.value);
  return (
    <div>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <ThemeIcon
          size={18}
          radius="xl"
          variant="light"
          color={condition.holds ? "teal" : "red"}
          aria-label={condition.holds ? say("holds") : say("holdsNot")}
          role="img"
        >
          {condition.holds ? <IconCheck size={12} /> : <IconX size={12} />}
        </ThemeIcon>
        <div>
          <Code>{condition.asked}</Code>
          {value !== "" && (
            <Text size="xs" c="dimmed" span ml={8}>
              {say("found", { value })}
            </Text>
          )}
        </div>
      </Group>
      {(condition.conditions ?? []).length > 0 && (
        <Stack gap={6} mt={6} ml={8} className={classes.condition}>
          {condition.conditions?.map((one) => (
            <Condition key={one.field} condition={one} />
          ))}
        </Stack>
      )}
    </div>
  );
}
