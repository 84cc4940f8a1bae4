import { Button, Popover, Stack, Text, TextInput } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useFormatter, useTimeZone, useTranslations } from "use-intl";
import { momentOf, onTheWall } from "../show/zone";

/** The moment that all pages are asked for: now, unless another is chosen here. */
export function useAsOf(): string | undefined {
  return useSearch({ strict: false }).as_of;
}

export function AsOf() {
  const say = useTranslations("asOf");
  const format = useFormatter();
  const navigate = useNavigate();
  const asOf = useAsOf();
  const zone = useTimeZone() ?? "UTC";
  const [open, setOpen] = useState(false);

  const shown = asOf ? format.dateTime(new Date(asOf), { dateStyle: "medium" }) : say("now");
  const go = (moment: string | undefined) => {
    setOpen(false);
    navigate({ to: ".", search: (before) => ({ ...before, as_of: moment }) });
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chosen = String(new FormData(event.currentTarget).get("moment") ?? "");
    go(chosen ? momentOf(chosen, zone).toISOString() : undefined);
  };

  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <Button
          variant={asOf ? "light" : "subtle"}
          color={asOf ? "orange" : "gray"}
          leftSection={<IconHistory size={15} />}
          onClick={() => setOpen(!open)}
          aria-label={`${shown}: ${say("change")}`}
        >
          {shown}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit}>
          <Stack gap="xs" w={240}>
            <TextInput
              type="datetime-local"
              name="moment"
              label={say("label")}
              description={say("how")}
              defaultValue={asOf ? onTheWall(new Date(asOf), zone) : ""}
            />
            <Button type="submit">{say("go")}</Button>
            {asOf && (
              <Button variant="default" onClick={() => go(undefined)}>
                {say("back")}
              </Button>
            )}
            <Text size="xs" c="dimmed">
              {say("zone", { zone })}
            </Text>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
