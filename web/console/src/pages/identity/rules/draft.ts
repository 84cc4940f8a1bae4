import { useSessionStorage } from "@mantine/hooks";

/** Rules that are being written, kept while the browser's tab lives. */
export interface Draft {
  text: string;
  /** The text that the newest plan is of. */
  planned?: string;
}

export function useDraft() {
  const [draft, setDraft] = useSessionStorage<Draft | null>({
    key: "patron-identity-rules",
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  return { draft, setDraft };
}
