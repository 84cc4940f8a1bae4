import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useAsOf } from "../../app/AsOf";
import { inBrief, useTold } from "../../language/told";
import { useMay } from "../../session/session";
import { customerKey } from "./customer";

/** Whether one may write on the card here: what is written holds from now, so it shows only now. */
export function useMayWrite(): boolean {
  const may = useMay("profiles:write");
  const now = useAsOf() === undefined;
  return may && now;
}

/** Something that is written on the card; the page follows, and a refusal is said. */
export function useWriting<T>(id: string, write: (what: T) => Promise<unknown>) {
  const cache = useQueryClient();
  const { refusal } = useTold();
  return useMutation({
    mutationFn: write,
    onSuccess: () => {
      // What is worked out of it may take longer; whoever writes does not wait for that.
      void cache.invalidateQueries({ queryKey: customerKey(id) });
    },
    onError: (error) => notifications.show({ color: "red", message: inBrief(refusal(error)) }),
  });
}
