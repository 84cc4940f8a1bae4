import { useFormatter, useTranslations } from "use-intl";

const A_DAY = /^\d{4}-\d\d-\d\d$/;
const A_MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/;

/** Writes values of traits and properties: days, moments, yes and no in words, all else as it is. */
export function useWritten() {
  const say = useTranslations("written");
  const format = useFormatter();
  const written = (value: unknown): string => {
    if (value === null || value === undefined) return "";
    if (typeof value === "boolean") return say(value ? "yes" : "no");
    if (Array.isArray(value)) return value.map(written).join(", ");
    if (typeof value === "object") return JSON.stringify(value);
    const text = String(value);
    const moment = new Date(text);
    if (Number.isNaN(moment.getTime())) return text;
    if (A_DAY.test(text)) return format.dateTime(moment, { dateStyle: "medium", timeZone: "UTC" });
    if (A_MOMENT.test(text))
      return format.dateTime(moment, { dateStyle: "medium", timeStyle: "short" });
    return text;
  };
  return written;
}
