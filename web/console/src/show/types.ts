import { useTranslations } from "use-intl";
import { worded } from "./worded";

/** The types that every workspace begins with; others are called as their rules name them. */
const BEGUN_WITH = [
  "user_id",
  "loyalty_card",
  "email",
  "phone",
  "anonymous_id",
  "device_id",
  "advertising_id",
  "fingerprint",
] as const;

/** What a type of identifiers is called; one of a single brand keeps the brand's name. */
export function useTypeName() {
  const say = useTranslations("types");
  return (type: string) => {
    const [base = type, brand] = type.split("@");
    const known = BEGUN_WITH.find((one) => one === base);
    const name = known ? say(known) : worded(base);
    return brand ? `${name} · ${brand}` : name;
  };
}
