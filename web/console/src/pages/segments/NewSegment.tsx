import { Box } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { PageHead } from "../../show/PageHead";
import { Builder } from "./builder/Builder";
import { useRule } from "./builder/useRule";

/** A segment in the making. Its address can bring a rule as text. */
export function NewSegment() {
  const say = useTranslations("segments");
  const { rule } = useSearch({ from: "/new-segment" });
  const ruling = useRule(rule ?? null);
  return (
    <Box p={{ base: "md", sm: "lg" }}>
      <PageHead title={say("new")} about={say("newAbout")} />
      <Builder ruling={ruling} />
    </Box>
  );
}
