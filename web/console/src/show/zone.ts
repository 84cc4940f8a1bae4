/**
 * What clocks in a time zone show at a moment, as fields of the browser write it.
 *
 * @example onTheWall(new Date("2018-01-01T08:30:00Z"), "Europe/Warsaw") // "2018-01-01T09:30"
 */
export function onTheWall(moment: Date, zone: string): string {
  const parts: Record<string, string> = {};
  for (const { type, value } of clock(zone).formatToParts(moment)) parts[type] = value;
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/**
 * The moment when clocks in a time zone show something. Where they are set back and show it twice,
 * it is one of the two; where they are set forward and never show it, it is within that hour.
 *
 * @param wall - Such as 2018-01-01T09:30.
 */
export function momentOf(wall: string, zone: string): Date {
  const asked = Date.parse(`${wall}Z`);
  const near = asked - ahead(asked, zone);
  return new Date(asked - ahead(near, zone));
}

/** The first moment of a day, and that of the next one. */
export function spanOfDay(day: string, zone: string): [Date, Date] {
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  return [momentOf(`${day}T00:00`, zone), momentOf(`${next}T00:00`, zone)];
}

/** By how many milliseconds clocks in a zone are ahead of UTC. */
function ahead(moment: number, zone: string): number {
  const minute = Math.floor(moment / 60_000) * 60_000;
  return Date.parse(`${onTheWall(new Date(minute), zone)}Z`) - minute;
}

function clock(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
}
