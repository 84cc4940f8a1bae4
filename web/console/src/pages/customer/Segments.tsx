import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Panel } from "../../show/Panel";
import { Teaching } from "../../show/Teaching";
import { When } from "../../show/When";
import { tellingly } from "../../show/worded";
import type { PaneProps } from "./Customer";
import classes from "./Customer.module.css";
import { Why } from "./Why";

/** The segments that the customer is in, since when, and why (S5.11). */
export function Segments({ id, profile }: PaneProps) {
  const say = useTranslations("customer");
  const navigate = useNavigate({ from: "/customers/$id" });
  const asked = useSearch({ from: "/customers/$id" }).why;
  const ask = (why: string | undefined) =>
    navigate({ search: (before) => ({ ...before, why }), resetScroll: false });
  const since = new Map(profile.memberships.map((one) => [one.segment, one]));
  if (profile.segments.length === 0) {
    return <Teaching title={say("noSegments")}>{say("noSegmentsHow")}</Teaching>;
  }
  return (
    <Panel title={say("views.segments")} flush>
      {tellingly(profile.segments).map(({ name, words }) => (
        <div key={name} className={classes.entry}>
          <Group justify="space-between">
            <Stack gap={0}>
              <Anchor
                size="sm"
                fw={500}
                renderRoot={(props) => <Link to="/segments/$name" params={{ name }} {...props} />}
              >
                {words}
              </Anchor>
              {since.get(name) && (
                <Text size="xs" c="dimmed">
                  {say.rich("memberSince", {
                    when: () => <When at={since.get(name)?.since ?? ""} exact />,
                  })}
                </Text>
              )}
            </Stack>
            {/* What has a value is a segment of the classification; the rule stands with it. */}
            <Button
              variant="default"
              aria-expanded={asked === name}
              aria-label={`${say("why")} ${name}`}
              onClick={() => ask(asked === name ? undefined : name)}
            >
              {say("why")}
            </Button>
          </Group>
          {asked === name && <Why id={id} segment={name} />}
        </div>
      ))}
    </Panel>
  );
}
