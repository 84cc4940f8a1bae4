import { ColorSwatch, Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import { inflow } from "./home";

const Bars = lazy(() => import("./Bars").then((found) => ({ default: found.Bars })));

const HEIGHT = 200;
const COLOURS = ["indigo-6", "teal-6", "orange-6", "grape-6", "cyan-6", "pink-6", "lime-7"];

/** A message to send by hand, so that something is seen to come in. */
const SEND = `curl -u WRITE_KEY: ${window.location.origin}/v1/track \\
  -d '{"userId": "ann", "event": "Order Completed",
       "properties": {"order_id": "1001", "revenue": 49.90, "currency": "EUR"}}'`;

/** What comes in, minute by minute, by source. */
export function Inflow() {
  const say = useTranslations("home");
  const { number } = useAmounts();
  const found = useQuery(inflow);
  const sums = (found.data?.data ?? []).map((one, place) => ({
    source: one.source,
    color: `var(--mantine-color-${COLOURS[place % COLOURS.length]})`,
    perMinute: one.stored,
    stored: one.stored.reduce((sum, count) => sum + count, 0),
    quarantined: one.quarantined.reduce((sum, count) => sum + count, 0),
  }));
  const busy = sums.filter((one) => one.stored + one.quarantined > 0);
  const total = busy.reduce((sum, one) => sum + one.stored, 0);

  return (
    <Panel
      title={say("inflow")}
      flush={busy.length === 0}
      aside={
        <Text size="sm" c="dimmed" className="figures" aria-live="polite">
          {found.data && say("lastHour", { count: total, shown: number(total) })}
        </Text>
      }
    >
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={HEIGHT} m="sm" />}
      {found.data && busy.length === 0 && (
        <Teaching title={say("quiet")} command={SEND} first>
          {say("quietHow")}
        </Teaching>
      )}
      {found.data && busy.length > 0 && (
        <>
          <Suspense fallback={<Skeleton height={HEIGHT} />}>
            <Bars
              height={HEIGHT}
              minutes={found.data.minutes}
              sources={busy.map(({ source, color, perMinute }) => ({
                source,
                color,
                stored: perMinute,
              }))}
            />
          </Suspense>
          <Group gap="lg" mt="sm">
            {busy.map((one) => (
              <Group gap={6} key={one.source} wrap="nowrap">
                <ColorSwatch size={10} color={one.color} withShadow={false} aria-hidden />
                <Text size="sm">
                  {one.source}{" "}
                  <Text span c="dimmed" className="figures">
                    {number(one.stored)}
                    {one.quarantined > 0 &&
                      ` · ${say("refused", { count: one.quarantined, shown: number(one.quarantined) })}`}
                  </Text>
                </Text>
              </Group>
            ))}
          </Group>
        </>
      )}
    </Panel>
  );
}
