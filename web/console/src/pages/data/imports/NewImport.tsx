import { Anchor, Group, Skeleton, Stack, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Refused } from "../../../show/Refused";
import { suggested } from "./asked";
import { DropFile } from "./DropFile";
import { Mapping } from "./Mapping";

const ACCEPTED = ".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.pq,.gz";

/** From a file in somebody's hands to customers: hand it in, say what it means, see it, import. */
export function NewImport() {
  const say = useTranslations("imports");
  const navigate = useNavigate({ from: "/data/imports/new" });
  const { upload } = useSearch({ from: "/data/imports/new" });
  return (
    <Stack gap="md">
      <div>
        <Anchor size="sm" renderRoot={(props) => <Link to="/data/imports" {...props} />}>
          <Group gap={4}>
            <IconArrowLeft size={14} aria-hidden /> {say("all")}
          </Group>
        </Anchor>
        <Title order={2} size="h1" mt={4}>
          {say("new")}
        </Title>
      </div>
      {upload ? (
        <Uploaded key={upload} upload={upload} />
      ) : (
        <DropFile
          accept={ACCEPTED}
          about={say("dropHow")}
          onUploaded={(one) =>
            navigate({ search: (before) => ({ ...before, upload: one.upload }) })
          }
        />
      )}
    </Stack>
  );
}

function Uploaded({ upload }: { upload: string }) {
  const found = useQuery(suggested(upload));
  if (found.isError) return <Refused error={found.error} again={found.refetch} />;
  if (!found.data) return <Skeleton height={420} />;
  return <Mapping upload={upload} suggested={found.data} />;
}
