import { SegmentedControl, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { useAmounts } from "../../show/amounts";
import { Panel } from "../../show/Panel";
import { Refused } from "../../show/Refused";
import { Teaching } from "../../show/Teaching";
import { movedIn } from "./home";

const PERIODS = [1, 7, 30];
const A_WEEK = 7;

/** The segments that most customers entered or left. */
export function Moved() {
  const say = useTranslations("home");
  const { number, signed } = useAmounts();
  const navigate = useNavigate({ from: "/" });
  const wanted = useSearch({ from: "/" }).days;
  const days = PERIODS.find((one) => one === wanted) ?? A_WEEK;
  const found = useQuery(movedIn(days, useAsOf()));
  return (
    <Panel
      title={say("moved")}
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label={say("period")}
          value={String(days)}
          onChange={(value) =>
            navigate({ search: (before) => ({ ...before, days: Number(value) }), replace: true })
          }
          data={PERIODS.map((count) => ({ value: String(count), label: say("days", { count }) }))}
        />
      }
    >
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={160} m="sm" />}
      {found.data?.data.length === 0 && <Teaching title={say("still")}>{say("stillHow")}</Teaching>}
      {found.data && found.data.data.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("segment")}</Table.Th>
              <Table.Th ta="right">{say("members")}</Table.Th>
              <Table.Th ta="right">{say("entered")}</Table.Th>
              <Table.Th ta="right">{say("left")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.data.map((one) => (
              <Table.Tr key={one.segment}>
                <Table.Td>
                  <Link to="/segments/$name" params={{ name: one.segment }}>
                    {one.segment}
                  </Link>
                </Table.Td>
                <Table.Td ta="right">
                  {number(one.now)}{" "}
                  <Text span size="xs" c="dimmed">
                    {signed(one.now - one.before)}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">{number(one.entered)}</Table.Td>
                <Table.Td ta="right">{number(one.left)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
