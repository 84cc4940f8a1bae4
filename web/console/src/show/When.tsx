import { Tooltip } from "@mantine/core";
import { useFormatter, useNow, useTimeZone } from "use-intl";

const A_WEEK = 7 * 86_400_000;

/** A moment: how long ago when that was lately, else the day; exactly on hover. */
export function When({ at, exact = false }: { at: string; exact?: boolean }) {
  const format = useFormatter();
  useNow({ updateInterval: 60_000 });
  const now = new Date(); // what was just answered is not ahead of it, as it may be of that
  const zone = useTimeZone();
  const moment = new Date(at);
  const away = Math.abs(now.getTime() - moment.getTime());
  const full = format.dateTime(moment, { dateStyle: "full", timeStyle: "medium" });
  const shown = exact
    ? format.dateTime(moment, { dateStyle: "medium", timeStyle: "short" })
    : away < A_WEEK
      ? format.relativeTime(moment, now)
      : format.dateTime(moment, { dateStyle: "medium" });
  return (
    <Tooltip label={`${full} (${zone})`}>
      <time dateTime={at}>{shown}</time>
    </Tooltip>
  );
}
