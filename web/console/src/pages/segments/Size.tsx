import { Loader } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../show/amounts";

/** How many are in it; they are being counted until that is known. */
export function Size({ count }: { count: number | null | undefined }) {
  const say = useTranslations("segments.builder");
  const { number } = useAmounts();
  if (count != null) return number(count);
  return <Loader size={12} color="gray" role="status" aria-label={say("counting")} />;
}
