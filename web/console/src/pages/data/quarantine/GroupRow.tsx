import { Anchor, Badge, Button, Code, Group as Line, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { QuarantineSearch } from "../../../app/routes/data";
import { useTold } from "../../../language/told";
import { useAmounts } from "../../../show/amounts";
import { Foreign } from "../../../show/Foreign";
import { When } from "../../../show/When";
import { useReasons } from "../Reason";
import type { Group } from "./asked";
import classes from "./quarantine.module.css";

interface GroupRowProps {
  group: Group;
  /** Whether its messages are listed below already. */
  opened: boolean;
  state: QuarantineSearch["state"];
  busy: boolean;
  onReplay: (() => void) | undefined;
}

/** Refusals of one source for one reason in one field. */
export function GroupRow({ group, opened, state, busy, onReplay }: GroupRowProps) {
  const say = useTranslations("quarantine");
  const { number } = useAmounts();
  const { called, help } = useReasons();
  const { refused } = useTold();
  const { source, code, field, messages, rows } = group;
  return (
    <div className={classes.group}>
      <div className={classes.what}>
        <Line gap="xs">
          <Badge color="orange" className="figures">
            {number(messages + rows)}
          </Badge>
          <Text fw={600} size="sm">
            {opened ? (
              called(code)
            ) : (
              <Anchor
                inherit
                renderRoot={(props) => (
                  <Link
                    to="/data/quarantine"
                    search={{ source, code, field: field ?? "", state }}
                    {...props}
                  />
                )}
              >
                {called(code)}
              </Anchor>
            )}
          </Text>
          {field && <Code>{field}</Code>}
          <Badge color="gray">{source}</Badge>
        </Line>
        <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
          {say.rich("sample", { reason: () => <Foreign said={refused(group)} /> })}
        </Text>
        <Text size="xs" c="dimmed">
          {group.first_received_at === group.last_received_at
            ? say.rich("once", { when: () => <When at={group.last_received_at} /> })
            : say.rich("between", {
                first: () => <When at={group.first_received_at} />,
                last: () => <When at={group.last_received_at} />,
              })}
        </Text>
        <Text size="xs" c="dimmed" mt={4}>
          {messages > 0 ? help(code) : say("help.file")}
        </Text>
      </div>
      {onReplay && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={14} />}
          disabled={busy}
          onClick={onReplay}
          aria-label={say("replayGroup", { count: messages, reason: called(code) })}
        >
          {say("replay")}
        </Button>
      )}
    </div>
  );
}
