import { Badge, Code, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import classes from "./Home.module.css";
import { attention } from "./home";

/** What a person has to look at: reviews, refused messages, failures, faults in the data. */
export function Attention() {
  const say = useTranslations("home");
  const { number } = useAmounts();
  const found = useQuery(attention);
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
            {COMMANDS[one.kind] && (
              <Text size="xs" c="dimmed">
                {say.rich("look", { command: () => <Code>{COMMANDS[one.kind]}</Code> })}
              </Text>
            )}
          </Stack>
        </div>
      ))}
    </Panel>
  );
}

/** Where the command line tells more, until the console has a page for it. */
const COMMANDS: Record<string, string> = {
  reviews: "patron linking reviews",
  quarantine: "patron quarantine list",
  pulls: "patron import pulls",
  webhooks: "patron webhook list",
  enrichments: "patron enrichment list",
  held_back: "patron identity held-back",
  plan_faults: "patron tracking-plan report",
};
