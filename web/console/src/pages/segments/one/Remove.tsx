import { Button, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { Confirm } from "../../../show/Confirm";

/** Removes a segment; one that others rest on stays, and is said to. */
export function Remove({ name }: { name: string }) {
  const say = useTranslations("segments.removing");
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [asked, setAsked] = useState(false);
  const removing = useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/segments/{name}", { params: { path: { name } } })),
    onSuccess: async () => {
      notifications.show({ message: say("done", { name }), color: "teal" });
      await navigate({ to: "/segments" });
      for (const first of ["segments", "vocabulary", "moved"])
        void cache.invalidateQueries({ queryKey: [first] });
    },
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={15} />}
        onClick={() => setAsked(true)}
      >
        {say("remove")}
      </Button>
      {asked && (
        <Confirm
          title={say("title", { name })}
          does={say("remove")}
          harmful
          busy={removing.isPending}
          error={removing.error}
          onDo={() => removing.mutate()}
          onClose={() => {
            removing.reset();
            setAsked(false);
          }}
        >
          <Text size="sm">{say("how")}</Text>
        </Confirm>
      )}
    </>
  );
}
