import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";

/** A write key that was made just now. It is kept in the memory of this page alone. */
export interface NewKey {
  keyId?: number;
  writeKey: string;
}

const keyOf = (source: string) => ["new-write-key", source];

/** The key that was made for a source just now, until it is put away or the page is loaded anew. */
export function useNewKey(source: string): NewKey | undefined {
  return useQuery<NewKey | null>({ queryKey: keyOf(source), queryFn: skipToken }).data ?? undefined;
}

export function useKeepNewKey(): (source: string, made: NewKey | null) => void {
  const cache = useQueryClient();
  return (source, made) => cache.setQueryData<NewKey | null>(keyOf(source), made);
}
