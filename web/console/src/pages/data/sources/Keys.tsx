import { Badge, Button, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "../../../api/client";
import { useMay } from "../../../session/session";
import { Confirm } from "../../../show/Confirm";
import { Panel } from "../../../show/Panel";
import { Refused } from "../../../show/Refused";
import { When } from "../../../show/When";
import type { Source, SourceKey } from "./asked";
import { useKeepNewKey } from "./newKey";

/** The write keys of a source: whoever has one can send, and read nothing. */
export function Keys({ source }: { source: Source }) {
  const say = useTranslations("sources");
  const may = useMay("definitions:write");
  const cache = useQueryClient();
  const keep = useKeepNewKey();
  const [revoking, setRevoking] = useState<SourceKey>();
  const { name } = source;
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/v1/sources/{name}/keys", { params: { path: { name } } })),
    onSuccess: (made) => {
      keep(name, { keyId: made.key_id, writeKey: made.write_key });
      cache.invalidateQueries({ queryKey: ["sources"] });
      window.scrollTo({ top: 0 });
    },
  });
  return (
    <Panel
      title={say("keys")}
      flush
      aside={
        may &&
        source.active && (
          <Button
            variant="default"
            leftSection={<IconPlus size={14} />}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            {say("newKey")}
          </Button>
        )
      }
    >
      {make.isError && <Refused error={make.error} />}
      {source.keys.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {say("noKeys")}
        </Text>
      )}
      {source.keys.length > 0 && (
        <Table>
          <Table.Tbody>
            {source.keys.map((key) => (
              <Row key={key.key_id} of={key} onRevoke={may ? () => setRevoking(key) : undefined} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {revoking && <Revoke source={source} of={revoking} onClose={() => setRevoking(undefined)} />}
    </Panel>
  );
}

function Row({ of, onRevoke }: { of: SourceKey; onRevoke?: () => void }) {
  const say = useTranslations("sources");
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500} ff="monospace">
          {of.ends_with ? `…${of.ends_with}` : say("keyNumber", { id: of.key_id })}
        </Text>
        <Text size="xs" c="dimmed">
          {of.made_at && say.rich("madeAt", { when: () => <When at={of.made_at ?? ""} /> })}
          {of.made_by && ` · ${of.made_by}`}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {of.revoked_at && (
          <Badge color="gray">
            {say.rich("revokedAt", { when: () => <When at={of.revoked_at ?? ""} /> })}
          </Badge>
        )}
        {!of.revoked_at && onRevoke && (
          <Button
            variant="subtle"
            color="red"
            onClick={onRevoke}
            aria-label={say("revokeOne", { key: of.ends_with ?? String(of.key_id) })}
          >
            {say("revoke")}
          </Button>
        )}
        {!of.revoked_at && !onRevoke && <Badge color="teal">{say("holds")}</Badge>}
      </Table.Td>
    </Table.Tr>
  );
}

interface RevokeProps {
  source: Source;
  of: SourceKey;
  onClose: () => void;
}

function Revoke({ source, of, onClose }: RevokeProps) {
  const say = useTranslations("sources");
  const cache = useQueryClient();
  const { name } = source;
  const last = source.keys.filter((key) => !key.revoked_at).length === 1;
  const revoke = useMutation({
    mutationFn: () =>
      body(
        api.DELETE("/api/v1/sources/{name}/keys/{key_id}", {
          params: { path: { name, key_id: of.key_id } },
        }),
      ),
    onSuccess: () => {
      cache.invalidateQueries({ queryKey: ["sources"] });
      onClose();
    },
  });
  return (
    <Confirm
      title={say("revokeTitle", { key: of.ends_with ?? String(of.key_id) })}
      does={say("revoke")}
      harmful
      busy={revoke.isPending}
      error={revoke.error}
      onDo={() => revoke.mutate()}
      onClose={onClose}
    >
      <Text size="sm">{say("revokeHow")}</Text>
      {last && (
        <Text size="sm" fw={600}>
          {say("revokeLast", { name })}
        </Text>
      )}
    </Confirm>
  );
}
