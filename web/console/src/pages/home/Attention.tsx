import { Anchor, Badge, Code, Skeleton, Stack, Text } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useTold } from "../../language/told";
import { useAmounts } from "../../show/amounts";
import { Foreign } from "../../show/Foreign";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import classes from "./Home.module.css";
import { useNeeds } from "./needs";

/** What a person has to look at: reviews, refused messages, failures, faults in the data. */
export function Attention() {
  const say = useTranslations("home");
  const { number } = useAmounts();
  const { told } = useTold();
  const found = useNeeds();
  return (
    <Panel title={say("attention")} flush>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={120} m="sm" />}
      {found.data?.data.length === 0 && (
        <Teaching title={say("allWell")}>{say("allWellHow")}</Teaching>
      )}
      {found.data?.data.map((one) => (
        <div key={one.kind} className={classes.need}>
          <Badge color="orange" className="figures">
            {number(one.count)}
          </Badge>
          <Stack gap={2}>
            <Text size="sm">{one.message}</Text>
            {one.error && (
              <Text size="xs" c="dimmed">
                <Foreign said={told({ message: one.error })} />
              </Text>
            )}
            <Where kind={one.kind} />
          </Stack>
        </div>
      ))}
    </Panel>
  );
}

/** Where to look: a page, or a command where the console has none. */
function Where({ kind }: { kind: string }) {
  const say = useTranslations("home");
  const page = PLACES[kind];
  const command = COMMANDS[kind];
  if (page)
    return (
      <Anchor size="xs" lh="1.5rem" renderRoot={(props) => <Link to={page} {...props} />}>
        {say(`places.${kind as "reviews"}`)}
      </Anchor>
    );
  if (!command) return null;
  return (
    <Text size="xs" c="dimmed">
      {say.rich("look", { command: () => <Code>{command}</Code> })}
    </Text>
  );
}

const PLACES: Record<string, NonNullable<LinkProps["to"]>> = {
  reviews: "/identity/reviews",
  held_back: "/identity/values",
  quarantine: "/data/quarantine",
  imports: "/data/imports",
  pulls: "/data/imports",
  plan_faults: "/data/plan",
  segments: "/segments",
};

const COMMANDS: Record<string, string> = {
  webhooks: "patron webhook list",
  enrichments: "patron enrichment list",
};
