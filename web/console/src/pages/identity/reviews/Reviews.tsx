import { Group, SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { REVIEW_STATES, type ReviewState } from "../../../app/routes/identity";
import { Refused } from "../../../show/Refused";
import { Teaching } from "../../../show/Teaching";
import { reviewsOf } from "../asked";
import { Answered } from "./Answered";
import { Queue } from "./Queue";

/** Pairs that are alike: those that a person is asked about, and those that were answered. */
export function Reviews() {
  const say = useTranslations("identity.reviews");
  const navigate = useNavigate({ from: "/identity/reviews" });
  const { state = "pending" } = useSearch({ from: "/identity/reviews" });
  const found = useQuery(reviewsOf(state));
  return (
    <>
      <Group mb="md">
        <SegmentedControl
          size="xs"
          aria-label={say("which")}
          data={REVIEW_STATES.map((one) => ({ value: one, label: say(`states.${one}`) }))}
          value={state}
          onChange={(chosen) =>
            navigate({ search: { state: chosen as ReviewState, review: undefined } })
          }
        />
      </Group>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={320} />}
      {found.data && state === "pending" && <Queue reviews={found.data} />}
      {found.data && state !== "pending" && <Answered reviews={found.data.data} />}
    </>
  );
}

/** Why nobody is asked, and how pairs come about. */
export function NoPairs() {
  const say = useTranslations("identity.reviews");
  return (
    <Teaching title={say("none")} command={"patron linking train\npatron linking run"}>
      {say("noneHow")}
    </Teaching>
  );
}
