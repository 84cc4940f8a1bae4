import { Badge, Box, Group, Select, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslations } from "use-intl";
import { status } from "../../api/status";
import { useAsOf } from "../../app/AsOf";
import { VIEWS, type View } from "../../app/routes/customers";
import { called } from "../../show/called";
import { PageHead } from "../../show/PageHead";
import { Refused } from "../../show/Refused";
import { TabBar } from "../../show/TabBar";
import { When } from "../../show/When";
import { About } from "./About";
import { Consents } from "./Consents";
import classes from "./Customer.module.css";
import { type Profile, profileOf, valuesOf } from "./customer";
import { Notes } from "./Notes";
import { OnlyNow } from "./OnlyNow";
import { Preferences } from "./Preferences";
import { Switches } from "./Switches";
import { Tags } from "./Tags";
import { Value } from "./Value";

const PANES = {
  timeline: lazy(() => import("./Timeline").then((found) => ({ default: found.Timeline }))),
  orders: lazy(() => import("./Orders").then((found) => ({ default: found.Orders }))),
  segments: lazy(() => import("./Segments").then((found) => ({ default: found.Segments }))),
  identity: lazy(() => import("./Identity").then((found) => ({ default: found.Identity }))),
  data: lazy(() => import("./Data").then((found) => ({ default: found.Data }))),
};

/** One customer, whole. */
export function Customer() {
  const { id } = useParams({ from: "/customers/$id" });
  const { brand } = useSearch({ from: "/customers/$id" });
  // Of another brand or moment, what was shown stays until the rest is there.
  const profile = useQuery({
    ...profileOf(id, { asOf: useAsOf(), brand }),
    placeholderData: (before) => (String(before?.profile_id) === id ? before : undefined),
  });
  if (profile.isError) return <Refused error={profile.error} again={profile.refetch} />;
  return (
    <Box p={{ base: "md", sm: "lg" }} maw={1440}>
      {profile.data ? <Whole id={id} profile={profile.data} /> : <Coming />}
    </Box>
  );
}

function Whole({ id, profile }: { id: string; profile: Profile }) {
  const say = useTranslations("customer");
  const navigate = useNavigate({ from: "/customers/$id" });
  const { view = "timeline", brand } = useSearch({ from: "/customers/$id" });
  const asOf = useAsOf();
  const values = useQuery(valuesOf(id, { asOf, brand }));
  const brands = useQuery(status).data?.brands ?? [];

  return (
    <>
      <PageHead
        title={called(profile) ?? say("visitor", { id })}
        about={
          <Group gap="xs" mt={4}>
            <Badge color={profile.known ? "indigo" : "gray"}>
              {profile.known ? say("known") : say("anonymous")}
            </Badge>
            <Text size="sm" span>
              {say.rich("since", { when: () => <When at={profile.first_seen_at} /> })}
            </Text>
            {profile.merged_from.length > 0 && (
              <Text size="sm" span>
                {say("merged", { count: profile.merged_from.length })}
              </Text>
            )}
          </Group>
        }
      >
        {brands.length > 1 && (
          <Select
            size="xs"
            w={180}
            aria-label={say("brand")}
            placeholder={say("allBrands")}
            data={brands}
            value={brand ?? null}
            onChange={(chosen) =>
              navigate({ search: (before) => ({ ...before, brand: chosen ?? undefined }) })
            }
            clearable
            clearButtonProps={{ "aria-label": say("allBrands") }}
          />
        )}
      </PageHead>
      <div className={classes.columns}>
        <Stack gap="md" className={classes.side}>
          <About profile={profile} />
          <Tags id={id} profile={profile} />
          <Consents id={id} brand={brand} />
          <Switches id={id} profile={profile} />
          <Notes id={id} notes={profile.notes} />
          <OnlyNow />
        </Stack>
        <Stack gap="md" className={classes.middle}>
          <Value profile={profile} values={values.data} brand={brand} />
          {values.isError && <Refused error={values.error} again={values.refetch} />}
          <Preferences preferences={values.data?.preferences ?? {}} />
          <Tabs
            value={view}
            onChange={(next) =>
              navigate({ search: (before) => ({ ...before, view: (next ?? undefined) as View }) })
            }
            keepMounted={false}
          >
            <TabBar tabs={VIEWS.map((name) => ({ name, label: say(`views.${name}`) }))} />
            {VIEWS.map((name) => {
              const Pane = PANES[name];
              return (
                <Tabs.Panel key={name} value={name}>
                  <Suspense fallback={<Skeleton height={240} />}>
                    <Pane id={id} profile={profile} brand={brand} />
                  </Suspense>
                </Tabs.Panel>
              );
            })}
          </Tabs>
        </Stack>
      </div>
    </>
  );
}

/** What a pane of the page is given. */
export interface PaneProps {
  id: string;
  profile: Profile;
  brand: string | undefined;
}

function Coming() {
  return (
    <Stack>
      <Skeleton height={30} width={260} />
      <div className={classes.columns}>
        <Skeleton height={360} className={classes.side} />
        <Stack className={classes.middle}>
          <Skeleton height={120} />
          <Skeleton height={320} />
        </Stack>
      </div>
    </Stack>
  );
}
