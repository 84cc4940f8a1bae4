import { Box, SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { PageHead } from "../../show/PageHead";
import { Builder } from "./builder/Builder";
import { useAddress } from "./builder/useAddress";
import { useRule } from "./builder/useRule";
import { ValuesBuilder } from "./values/ValuesBuilder";

/** A segment in the making. Its address can bring a rule as text. */
export function NewSegment() {
  const say = useTranslations("segments");
  const navigate = useNavigate({ from: "/new-segment" });
  const { rule, values, kind = "rule" } = useSearch({ from: "/new-segment" });
  const ruling = useRule(rule ?? null);
  useAddress("rule", ruling.text.trim() === "" ? undefined : ruling.text);
  return (
    <Box p={{ base: "md", sm: "lg" }}>
      <PageHead title={say("new")} about={say("newAbout")}>
        <SegmentedControl
          size="xs"
          aria-label={say("values.kind")}
          data={[
            { value: "rule", label: say("values.kinds.rule") },
            { value: "values", label: say("values.kinds.values") },
          ]}
          value={kind}
          onChange={(chosen) =>
            navigate({
              search: (before) => ({ ...before, kind: chosen === "values" ? "values" : undefined }),
              replace: true,
            })
          }
        />
      </PageHead>
      {kind === "values" ? (
        // What was built so far is the first value.
        <ValuesBuilder
          begin={[
            { value: "", rule: ruling.text },
            { value: "", rule: "" },
          ]}
          draft={values}
        />
      ) : (
        <Builder ruling={ruling} />
      )}
    </Box>
  );
}
