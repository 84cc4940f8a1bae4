import { Button, FileButton, Progress, Stack, Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import { Refused } from "../../../show/Refused";
import classes from "./imports.module.css";
import { handIn, type Upload } from "./upload";

interface DropFileProps {
  /** Endings that are taken, as `<input accept>` has them. */
  accept: string;
  /** What can be dropped, in words. */
  about: string;
  onUploaded: (upload: Upload) => void;
}

/** Takes a file by drag and drop or from a dialogue, and shows how far it is handed in. */
export function DropFile({ accept, about, onUploaded }: DropFileProps) {
  const say = useTranslations("imports");
  const { share } = useAmounts();
  const [over, setOver] = useState(false);
  const [gone, setGone] = useState(0);
  const handing = useMutation({
    mutationFn: (file: File) => handIn(file, setGone),
    onMutate: () => setGone(0),
    onSuccess: onUploaded,
  });
  const take = (file: File | null | undefined) => file && handing.mutate(file);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <section
      className={classes.drop}
      data-over={over || undefined}
      aria-label={say("drop")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack gap="xs" align="center">
        <IconFileUpload size={30} stroke={1.4} aria-hidden />
        <Text fw={600}>{say("drop")}</Text>
        <Text size="sm" c="dimmed" ta="center" maw={520}>
          {about}
        </Text>
        <FileButton onChange={take} accept={accept}>
          {(props) => (
            <Button {...props} variant="default" loading={handing.isPending}>
              {say("choose")}
            </Button>
          )}
        </FileButton>
        {handing.isPending && (
          <>
            <Progress
              value={gone * 100}
              w="100%"
              maw={360}
              aria-label={say("handingIn", { share: share(gone) })}
            />
            <Text size="xs" c="dimmed" className="figures">
              {say("handingIn", { share: share(gone) })}
            </Text>
          </>
        )}
        {handing.isError && <Refused error={handing.error} />}
      </Stack>
    </section>
  );
}
