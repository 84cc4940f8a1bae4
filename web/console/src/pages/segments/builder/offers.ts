import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import { vocabulary } from "../../../api/vocabulary";
import { begun } from "./fields/Comparison";
import { operatorsOf } from "./operators";
import type { Tree } from "./tree";

export interface Offer {
  id: string;
  label: string;
  about?: string;
  rule: () => Tree;
}

type Words = ReturnType<typeof useTranslations<"segments.builder">>;
type Vocabulary = Awaited<ReturnType<Extract<(typeof vocabulary)["queryFn"], CallableFunction>>>;

/** Everything that a condition can be about, by groups, with what it begins as. */
export function useOffers(): { label: string; offers: Offer[] }[] {
  const say = useTranslations("segments.builder");
  const { data } = useQuery(vocabulary);
  return useMemo(() => (data ? offersOf(data, say) : []), [data, say]);
}

function offersOf(data: Vocabulary, say: Words): { label: string; offers: Offer[] }[] {
  const currency: Tree = data.currencies.length > 1 ? { currency: data.currencies[0] ?? "" } : {};
  const ordered = "Order Completed";
  const year: Tree = { in: { last: "365d" } };
  const event = data.events[0]?.name ?? "";
  const offer = (name: FormName, rule: Tree): Offer => ({
    id: `form:${name}`,
    label: say(`offers.${name}`),
    rule: () => rule,
  });
  return [
    {
      label: say("offered.events"),
      offers: data.events.map(({ name }) => ({
        id: `event:${name}`,
        label: say("offers.did", { event: name }),
        rule: () => ({ count: { event: name }, op: ">=", value: 1 }),
      })),
    },
    {
      label: say("offered.orders"),
      offers: [
        offer("bought", {
          count: {
            event: ordered,
            where: { any_line: { property: "", op: "=", value: null } },
            ...year,
          },
          op: ">=",
          value: 1,
        }),
        offer("orders", { count: { event: ordered, ...year }, op: ">=", value: 3 }),
        offer("revenue", {
          sum: { event: ordered, property: "revenue", ...year, ...currency },
          op: ">",
          value: 100,
        }),
        offer("averageOrder", {
          average: { event: ordered, property: "revenue", ...year, ...currency },
          op: ">",
          value: 50,
        }),
        offer("units", {
          sum: { event: ordered, lines: true, property: "quantity", ...year },
          op: ">=",
          value: 2,
        }),
        offer("lapsed", { stopped: { event: ordered }, for: "60d" }),
        offer("cart", { abandoned: "cart", for: "1h" }),
      ],
    },
    {
      label: say("offered.traits"),
      offers: data.traits.map(({ name, kind, description, made_by: maker }) => ({
        id: `trait:${name}`,
        label: name,
        about: description ?? maker ?? undefined,
        rule: () => begun({ trait: name }, operatorsOf(kind, true)[0] ?? "=", kind),
      })),
    },
    {
      label: say("offered.groups"),
      offers: data.group_traits.map(({ name, kind }) => ({
        id: `group:${name}`,
        label: say("offers.group", { trait: name }),
        rule: () => begun({ group: name }, operatorsOf(kind, false)[0] ?? "=", kind),
      })),
    },
    {
      label: say("offered.segments"),
      offers: [
        ...data.segments.map(({ name }) => ({
          id: `segment:${name}`,
          label: say("offers.segment", { name }),
          rule: () => ({ in_segment: name }),
        })),
        ...data.lists.map((name) => ({
          id: `list:${name}`,
          label: say("offers.list", { name }),
          rule: () => ({ in_list: name }),
        })),
      ],
    },
    {
      label: say("offered.more"),
      offers: [
        offer("firstTime", { first_time: { event, in: { last: "30d" } } }),
        offer("sequence", { sequence: [{ event }, { event: "", within: "1d" }] }),
        offer("regularly", { periods: { event }, of: 4, unit: "week", op: ">=", value: 3 }),
        offer("resumed", { resumed: { event, in: { last: "7d" } }, after: "60d" }),
        offer("changed", { changed: "", in: { last: "30d" } }),
        offer("entered", { entered: "", in: { last: "7d" } }),
        offer("wasIn", { was_in: "", at: null }),
        offer("top", {
          top: 100,
          by: { sum: { event: ordered, property: "revenue", ...year, ...currency } },
        }),
        offer("rfm", { rfm: { event: ordered, property: "revenue", ...currency }, in: ["5**"] }),
        offer("points", {
          points: {
            earning: [{ earn: 1, per: { event: ordered, property: "revenue", ...currency } }],
            expire_after: "365d",
          },
          op: ">=",
          value: 100,
        }),
        offer("calculation", {
          calculate: {
            divide: [
              { sum: { event: ordered, property: "revenue", ...currency } },
              { count: { event: ordered } },
            ],
          },
          op: ">",
          value: 50,
        }),
        offer("share", { share: 10 }),
        { id: "form:text", label: say("offers.text"), rule: () => ({ text: "", value: null }) },
      ],
    },
  ];
}

type FormName =
  | "bought"
  | "orders"
  | "revenue"
  | "averageOrder"
  | "units"
  | "lapsed"
  | "cart"
  | "firstTime"
  | "sequence"
  | "regularly"
  | "resumed"
  | "changed"
  | "entered"
  | "wasIn"
  | "top"
  | "rfm"
  | "points"
  | "calculation"
  | "share";
