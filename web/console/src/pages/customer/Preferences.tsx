import { SimpleGrid, Title } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";
import { Panel } from "../../show/Panel";
import { worded } from "../../show/worded";
import classes from "./Customer.module.css";
import { plainly, type Values } from "./customer";

const MOST = 5;

/** What the customer likes, each preference as bars (S5.15). */
export function Preferences({ preferences }: { preferences: Values["preferences"] }) {
  const say = useTranslations("customer");
  const { share } = useAmounts();
  const held = Object.entries(preferences).filter(([, found]) => found.values.length > 0);
  if (held.length === 0) return null;
  return (
    <Panel title={say("preferences")}>
      <SimpleGrid cols={{ base: 1, sm: Math.min(held.length, 2) }} spacing="xl">
        {held.map(([name, found]) => (
          <div key={name}>
            <Title order={3} size="sm" mb="xs">
              {worded(name)}
            </Title>
            <dl className={classes.liking}>
              {found.values.slice(0, MOST).map((one) => (
                <Liked
                  key={plainly(one.value)}
                  value={plainly(one.value)}
                  verdict={one.verdict}
                  affinity={Math.max(0, Number(one.affinity))}
                  said={share(one.affinity)}
                />
              ))}
            </dl>
          </div>
        ))}
      </SimpleGrid>
    </Panel>
  );
}

interface LikedProps {
  value: string;
  verdict: string;
  affinity: number;
  said: string;
}

function Liked({ value, verdict, affinity, said }: LikedProps) {
  return (
    <>
      <dt title={value}>{value}</dt>
      <dd className={classes.bar} data-verdict={verdict} aria-hidden>
        <span style={{ width: `${Math.min(100, affinity * 100)}%` }} />
      </dd>
      <dd className="figures">{said}</dd>
    </>
  );
}
