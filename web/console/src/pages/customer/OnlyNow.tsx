import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAsOf } from "../../app/AsOf";
import { useMay } from "../../session/session";

/** Says, beside what was so at an earlier moment, where one writes. */
export function OnlyNow() {
  const say = useTranslations("customer");
  const may = useMay("profiles:write");
  const asOf = useAsOf();
  if (!may || !asOf) return null;
  return (
    <Text size="xs" c="dimmed">
      {say("onlyNow")}{" "}
      <Anchor
        size="xs"
        underline="always"
        renderRoot={(props) => (
          <Link to="." search={(before) => ({ ...before, as_of: undefined })} {...props} />
        )}
      >
        {say("toNow")}
      </Anchor>
    </Text>
  );
}
