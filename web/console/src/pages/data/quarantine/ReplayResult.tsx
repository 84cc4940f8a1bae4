import { Alert, Button, Group, List, Progress, Stack, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { useAmounts } from "../../../show/amounts";
import { Foreign } from "../../../show/Foreign";
import { Refused } from "../../../show/Refused";
import { useReasons } from "../Reason";
import type { Tried } from "./useReplay";

interface ReplayResultProps {
  tried: Tried;
  onStop: () => void;
  onClose: () => void;
}

/** How far a replay is, what became of the messages, and why some are refused still. */
export function ReplayResult({ tried, onStop, onClose }: ReplayResultProps) {
  const say = useTranslations("quarantine");
  const { number } = useAmounts();
  const done = tried.stored + tried.duplicate + tried.failed.length;
  const state = tried.running ? "blue" : tried.failed.length > 0 ? "orange" : "teal";
  return (
    <>
      <Alert
        color={state === "blue" ? "indigo" : state}
        role="status"
        title={tried.running ? say("trying") : say("tried", { count: done, shown: number(done) })}
        m="sm"
      >
        <Stack gap="xs">
          {tried.running && (
            <Progress
              value={tried.total > 0 ? (100 * done) / tried.total : 100}
              animated
              aria-label={say("trying")}
            />
          )}
          <Text size="sm" className="figures">
            {say("became", {
              stored: number(tried.stored),
              duplicate: number(tried.duplicate),
              failed: number(tried.failed.length),
            })}
          </Text>
          {tried.failed.length > 0 && <Why failed={tried.failed} />}
          <Group gap="xs">
            {tried.running ? (
              <Button variant="default" onClick={onStop}>
                {say("stop")}
              </Button>
            ) : (
              <Button variant="default" onClick={onClose}>
                {say("close")}
              </Button>
            )}
          </Group>
        </Stack>
      </Alert>
      {tried.error && <Refused error={tried.error} />}
    </>
  );
}

const MOST = 5;

function Why({ failed }: { failed: Tried["failed"] }) {
  const say = useTranslations("quarantine");
  const { number } = useAmounts();
  const { called } = useReasons();
  const { refused } = useTold();
  const reasons = new Map<string, Tried["failed"][number] & { count: number }>();
  for (const one of failed) {
    const before = reasons.get(one.reason)?.count ?? 0;
    reasons.set(one.reason, { ...one, count: before + 1 });
  }
  const listed = [...reasons.values()].sort((a, b) => b.count - a.count);
  return (
    <div>
      <Text size="sm" fw={600}>
        {say("failedTitle")}
      </Text>
      <List size="sm">
        {listed.slice(0, MOST).map((one) => (
          <List.Item key={one.reason} style={{ overflowWrap: "anywhere" }}>
            {number(one.count)} × {called(one.code)}: <Foreign said={refused(one)} />
          </List.Item>
        ))}
      </List>
      {listed.length > MOST && (
        <Text size="xs">{say("moreReasons", { count: listed.length - MOST })}</Text>
      )}
    </div>
  );
}
