import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { goToGap } from "../gap";

/** A quiet button that adds one more. */
export function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      h={24}
      leftSection={<IconPlus size={12} />}
      onClick={(event) => {
        const condition = event.currentTarget.closest("fieldset");
        onClick();
        goToGap(() => condition);
      }}
    >
      {label}
    </Button>
  );
}
