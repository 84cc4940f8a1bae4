import { Skeleton, Stack, Text } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../../app/AsOf";
import { Wrong } from "../../../show/Refused";
import { profileOf } from "../../customer/customer";
import { previewOf, type Review } from "../asked";

/** What "same" would do, asked of the API, which makes it in memory and takes it back. */
export function Outcome({ review }: { review: Review }) {
  const say = useTranslations("identity.reviews");
  const { left, right } = review;
  const told = useQuery(
    previewOf({ do: "merge", identifiers: [left.identifier, right.identifier] }),
  );
  const asOf = useAsOf();
  const profiles = useQueries({
    queries: [left, right].map((side) =>
      profileOf(String(side.profile_id), { asOf, brand: undefined }),
    ),
  });
  if (told.isError) return <Wrong error={told.error} title={say("cannot")} color="orange" />;
  if (!told.data) return <Skeleton height={44} />;
  const [one] = told.data.customers;
  const [a, b] = profiles.map((found) => found.data?.segments);
  return (
    <Stack gap={2}>
      {one && (
        <Text size="sm" data-outcome>
          {say("would", {
            left: String(left.profile_id),
            right: String(right.profile_id),
            profile: String(one.profile_id),
            identifiers: one.identifier_count,
            events: one.events,
          })}
        </Text>
      )}
      {a && b && <InSegments left={a} right={b} />}
    </Stack>
  );
}

/** Rules are asked anew of the one customer; where the two differ, something may change. */
function InSegments({ left, right }: { left: string[]; right: string[] }) {
  const say = useTranslations("identity.reviews");
  const only = [...left, ...right].filter((name) => !(left.includes(name) && right.includes(name)));
  const text =
    only.length > 0
      ? say("segmentsDiffer", { names: only.sort().join(", ") })
      : left.length > 0
        ? say("segmentsSame")
        : say("segmentsNone");
  return (
    <Text size="xs" c="dimmed">
      {text}
    </Text>
  );
}
