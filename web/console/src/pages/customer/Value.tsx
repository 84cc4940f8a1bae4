import { Group, Skeleton, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../api/client";
import { useAmounts } from "../../show/amounts";
import { Panel } from "../../show/Panel";
import show from "../../show/show.module.css";
import { When } from "../../show/When";
import { isName, worded } from "../../show/worded";
import { useWritten } from "../../show/written";
import classes from "./Customer.module.css";
import { type Profile, plainly, type Values } from "./customer";

const Curve = lazy(() => import("./Curve").then((found) => ({ default: found.Curve })));

interface ValueProps {
  profile: Profile;
  /** Undefined while they are worked out. */
  values: Values | undefined;
  brand: string | undefined;
}

/** What the customer is worth: money, classes, scores. Over all, or with one brand. */
export function Value({ profile, values, brand }: ValueProps) {
  const say = useTranslations("customer");
  const amounts = useAmounts();
  const classifications = useQuery({
    queryKey: ["classifications"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/classifications", { signal })),
    staleTime: 300_000,
  });
  const spending = profile.orders.by_currency;
  const made = (classifications.data?.data ?? []).flatMap((one) =>
    one.computed_traits.map((trait) => trait.name),
  );
  const computed = values?.traits ?? {};
  const held = made.filter((name) => computed[name]?.value != null);
  const others = Object.keys(computed).filter(
    (name) => !made.includes(name) && !ofScore(name, values?.scores ?? {}),
  );

  return (
    <Panel title={brand ? say("valueWith", { brand }) : say("value")}>
      {spending.length === 0 && <Text c="dimmed">{say("noOrders")}</Text>}
      {spending.map((one) => (
        <Group gap="xl" key={one.currency} mb="md" align="flex-start">
          <Tile label={one.revenue === null && one.total ? say("total") : say("revenue")}>
            {amounts.money(one.revenue ?? one.total, one.currency)}
          </Tile>
          <Tile label={say("orders")}>{amounts.number(one.orders)}</Tile>
          <Tile label={say("average")}>{amounts.money(one.average, one.currency)}</Tile>
          <Tile label={say("lastOrder")}>
            <span className={classes.smaller}>
              {one.last_order_at ? <When at={one.last_order_at} /> : "–"}
            </span>
          </Tile>
        </Group>
      ))}
      {held.length + others.length > 0 && (
        <>
          <dl className={classes.computed}>
            {[...held, ...others].map((name) => (
              <div key={name}>
                <dt>{worded(name)}</dt>
                <dd>
                  <Classed value={computed[name]?.value} />
                </dd>
              </div>
            ))}
          </dl>
          <Text size="xs" c="dimmed" mt="xs">
            {say("computedHow")}
          </Text>
        </>
      )}
      {!values && <Skeleton height={120} />}
      {Object.entries(values?.scores ?? {}).map(([name, score]) => (
        <div key={name}>
          <Group justify="space-between" mt="md" mb={4}>
            <Tooltip label={say("scoreHow")}>
              <Text size="sm" fw={500}>
                {worded(name)} <b className="figures">{amounts.decimal(score.value)}</b>
              </Text>
            </Tooltip>
            <Text size="xs" c="dimmed" className="figures">
              {Object.entries(score.growth)
                .map(([days, grown]) =>
                  say("grown", { days, grown: amounts.signed(Number(grown)) }),
                )
                .join(" · ")}
            </Text>
          </Group>
          <Suspense fallback={<Skeleton height={110} />}>
            <Curve name={worded(name)} points={score.curve} />
          </Suspense>
        </div>
      ))}
    </Panel>
  );
}

function Tile({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.tile}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div className={show.value}>{children}</div>
    </div>
  );
}

function Classed({ value }: { value: unknown }) {
  const { decimal } = useAmounts();
  const written = useWritten();
  const plain = plainly(value);
  if (plain === "") return <>–</>;
  const number = typeof value === "number" || /^-?\d+(\.\d+)?$/.test(plain);
  if (number) return <>{decimal(plain)}</>;
  const words = written(value);
  // Names of classes are made to be read; what a shop calls its stores and goods stays as it is.
  return <>{isName(plain) ? worded(plain) : words}</>;
}

/** Whether a trait is a score or its growth, which are shown with their curve. */
function ofScore(name: string, scores: Values["scores"]): boolean {
  return Object.keys(scores).some((score) => name === score || name.startsWith(`${score}_growth_`));
}
