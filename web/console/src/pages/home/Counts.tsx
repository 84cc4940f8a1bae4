import { SimpleGrid, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { status } from "../../api/status";
import { useAsOf } from "../../app/AsOf";
import type { Kind } from "../../app/routes/customers";
import { useAmounts } from "../../show/amounts";
import { Refused } from "../../show/Refused";
import show from "../../show/show.module.css";
import classes from "./Home.module.css";
import { countsOf, EVERY } from "./home";

/** How many customers there are, and how much is known. */
export function Counts() {
  const say = useTranslations("home");
  const { number, share } = useAmounts();
  const counts = useQuery(countsOf(useAsOf()));
  const whole = useQuery({ ...status, refetchInterval: EVERY });
  if (counts.isError) return <Refused error={counts.error} again={counts.refetch} />;
  const found = counts.data;
  const of = (part: number) => found && found.total > 0 && share(part / found.total);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Count label={say("known")} value={found && number(found.known)} to="/customers" kind="known">
        {found && of(found.known)}
      </Count>
      <Count
        label={say("anonymous")}
        value={found && number(found.anonymous)}
        to="/customers"
        kind="anonymous"
      >
        {found && of(found.anonymous)}
      </Count>
      <Count
        label={say("events")}
        value={whole.data && number(whole.data.events)}
        to="/data/sources"
      />
      <Count
        label={say("segments")}
        value={whole.data && number(whole.data.segments)}
        to="/segments"
      />
    </SimpleGrid>
  );
}

interface CountProps {
  label: string;
  value: string | undefined;
  to: NonNullable<LinkProps["to"]>;
  /** The customers that it leads to. */
  kind?: Kind;
  children?: React.ReactNode;
}

function Count({ label, value, to, kind, children }: CountProps) {
  const inside = (
    <>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton height={29} width={90} />
      ) : (
        <div className={show.value}>
          {value}
          {children && (
            <Text size="xs" c="dimmed" span ml={6} fw={400}>
              {children}
            </Text>
          )}
        </div>
      )}
    </>
  );
  return (
    <UnstyledButton
      className={classes.count}
      renderRoot={(props) => <Link to={to} search={{ kind }} {...props} />}
    >
      {inside}
    </UnstyledButton>
  );
}
