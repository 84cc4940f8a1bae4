import { Alert, Radio, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useTold } from "../../../language/told";
import { Dialog } from "../../../show/Dialog";
import { Foreign } from "../../../show/Foreign";
import { Refused } from "../../../show/Refused";
import { type MergeEntry, mergeOf, type Wish } from "../asked";
import { Deciding } from "../Deciding";

type Way = "link" | "a" | "b" | "moment";

/** Undoing one merge: how it is to part, who there will be, why, and then it is done. */
export function Undo({ number }: { number: number }) {
  const say = useTranslations("identity.merges");
  const navigate = useNavigate({ from: "/identity/merges" });
  const found = useQuery(mergeOf(number));
  const close = () => navigate({ search: (before) => ({ ...before, undo: undefined }) });
  return (
    <Dialog opened onClose={close} title={say("undoTitle")}>
      {found.isError && <Refused error={found.error} again={found.refetch} />}
      {found.isPending && <Skeleton height={200} />}
      {found.data === null && <Alert color="orange">{say("gone")}</Alert>}
      {found.data && <Ways merge={found.data} onDone={close} />}
    </Dialog>
  );
}

function Ways({ merge, onDone }: { merge: MergeEntry; onDone: () => void }) {
  const say = useTranslations("identity.merges");
  const format = useFormatter();
  const ways: Way[] = merge.link ? ["link", "a", "b", "moment"] : ["moment"];
  const [way, setWay] = useState<Way>(ways[0] ?? "moment");
  const when = format.dateTime(new Date(merge.recorded_at), {
    dateStyle: "medium",
    timeStyle: "medium",
  });
  const { cause } = useTold();
  const [a = "", b = ""] = merge.link ?? [];
  const labels: Record<Way, string> = {
    link: say("ways.link", { a, b }),
    a: say("ways.takeOut", { identifier: a }),
    b: say("ways.takeOut", { identifier: b }),
    moment: say("ways.moment", { when }),
  };
  return (
    <Stack gap="md">
      <Text size="sm">
        <Foreign said={cause(merge.kind, merge.cause, merge.reason)} />
      </Text>
      <Radio.Group label={say("how")} value={way} onChange={(chosen) => setWay(chosen as Way)}>
        <Stack gap="xs" mt="xs">
          {ways.map((one) => (
            <Radio key={one} value={one} label={labels[one]} />
          ))}
        </Stack>
      </Radio.Group>
      <Deciding key={way} wish={wishOf(merge, way)} action={say("part")} onDone={onDone} />
    </Stack>
  );
}

function wishOf(merge: MergeEntry, way: Way): Wish {
  const [a = "", b = ""] = merge.link ?? [];
  if (way === "link") return { do: "unlink", link: [a, b] };
  if (way === "a" || way === "b") return { do: "takeOut", identifier: way === "a" ? a : b };
  return { do: "goBack", profile: String(merge.profiles[0]), before: merge.recorded_at };
}
