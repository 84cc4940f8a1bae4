import { Badge, Box, Button, Group as Line, Skeleton, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { useAmounts } from "../../../show/amounts";
import { Foreign } from "../../../show/Foreign";
import { Long } from "../../../show/Long";
import { Refused } from "../../../show/Refused";
import { When } from "../../../show/When";
import { Body } from "../Body";
import { type Group, type Row, rowsOf } from "./asked";
import classes from "./quarantine.module.css";

interface RowsProps {
  group: Group;
  waiting: boolean;
  onReplay: ((id: number) => void) | undefined;
}

/** The messages and rows of one group, each with what was received. */
export function Rows({ group, waiting, onReplay }: RowsProps) {
  const say = useTranslations("quarantine");
  const pages = useInfiniteQuery(rowsOf(group, waiting));
  const rows = pages.data?.pages.flatMap((page) => page.data);
  return (
    <>
      {pages.isError && <Refused error={pages.error} again={pages.refetch} />}
      {pages.isPending && <Skeleton height={160} m="sm" />}
      {rows?.map((row, place) => (
        <OneRow key={row.quarantine_id} row={row} begin={place === 0} onReplay={onReplay} />
      ))}
      {pages.hasNextPage && (
        <Box p="sm">
          <Button
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => pages.fetchNextPage()}
          >
            {say("more")}
          </Button>
        </Box>
      )}
    </>
  );
}

interface OneRowProps {
  row: Row;
  /** Whether what was received is shown at once. */
  begin: boolean;
  onReplay: ((id: number) => void) | undefined;
}

function OneRow({ row, begin, onReplay }: OneRowProps) {
  const say = useTranslations("quarantine");
  const { number } = useAmounts();
  const { refused } = useTold();
  const [open, setOpen] = useState(begin);
  const ofFile = row.row_number !== null;
  const id = String(row.quarantine_id);
  return (
    <article className={classes.row} aria-label={say("number", { id })}>
      <Line justify="space-between" gap="xs">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {ofFile ? (
            say("ofFile", { file: row.origin, row: number(row.row_number ?? 0) })
          ) : row.message_id === null ? (
            say("number", { id })
          ) : (
            <Long text={row.message_id} />
          )}{" "}
          <Text span size="xs" c="dimmed">
            <When at={row.received_at} />
          </Text>
        </Text>
        <Line gap="xs">
          {row.replayed_at && (
            <Badge color="teal">
              {say.rich("replayedAt", { when: () => <When at={row.replayed_at ?? ""} /> })}
            </Badge>
          )}
          <Button
            variant="subtle"
            aria-expanded={open}
            aria-label={say(open ? "hideOne" : "showOne", { id })}
            onClick={() => setOpen(!open)}
          >
            {say(open ? "hide" : "show")}
          </Button>
          {onReplay && !ofFile && (
            <Button
              variant="default"
              aria-label={say("replayOne", { id })}
              onClick={() => onReplay(row.quarantine_id)}
            >
              {say("replay")}
            </Button>
          )}
        </Line>
      </Line>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        <Foreign said={refused(row)} />
      </Text>
      {open && (
        <Box mt="xs">
          <Body text={row.body} />
        </Box>
      )}
    </article>
  );
}
