import { useDebouncedValue } from "@mantine/hooks";
import { skipToken, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { readText, type Suggested, type Tried, tried } from "./asked";
import type { Body } from "./mapping";

const SETTLES = 250;

/** A mapping in the making, as a form and as text. Whichever is changed, the other follows. */
export interface Draft {
  name: string;
  body: Body;
  rename: (name: string) => void;
  change: (body: Body) => void;
  /** Begin anew from another mapping. */
  begin: (name: string, body: Body) => void;
  /** As a definition file: as typed, else as the server writes it. */
  text: string;
  type: (text: string) => void;
  /** What is wrong with what was typed. */
  textError: Error | null;
  /** What the mapping makes of the first rows; the last answer stays until the next one. */
  result: Tried | undefined;
  /** What is wrong with the mapping. */
  error: Error | null;
  /** The result belongs to what is shown, and not to what was before. */
  settled: boolean;
}

/**
 * @param upload The file that it is made for.
 * @param suggested What the server makes of the file.
 */
export function useDraft(upload: string, suggested: Suggested): Draft {
  const [name, setName] = useState(suggested.name);
  const [body, setBody] = useState<Body>(suggested.mapping);
  const [typed, setTyped] = useState<string | null>(null);
  const [asked] = useDebouncedValue(body, SETTLES);
  const [called] = useDebouncedValue(name, SETTLES);
  const trial = useQuery({
    ...tried(asked, upload, called),
    ...(called === "" ? { queryFn: skipToken } : {}),
  });
  const [result, setResult] = useState<Tried>();
  useEffect(() => {
    if (trial.data) setResult(trial.data);
  }, [trial.data]);

  const [settledText] = useDebouncedValue(typed, SETTLES);
  const reading = useMutation({
    mutationFn: readText,
    onSuccess: (read) => {
      setName(read.name);
      setBody(read.mapping);
    },
  });
  const { mutate, reset } = reading;
  useEffect(() => {
    if (settledText === null) reset();
    else mutate(settledText);
  }, [settledText, mutate, reset]);

  return {
    name,
    body,
    rename: (next) => {
      setName(next);
      setTyped(null);
    },
    change: (next) => {
      setBody(next);
      setTyped(null);
    },
    begin: (nextName, nextBody) => {
      setName(nextName);
      setBody(nextBody);
      setTyped(null);
    },
    text: typed ?? result?.definitions ?? suggested.definitions,
    type: setTyped,
    textError: typed === null ? null : reading.error,
    result,
    error: trial.error,
    settled:
      trial.isSuccess &&
      asked === body &&
      called === name &&
      typed === settledText &&
      !reading.isPending &&
      !(typed !== null && reading.isError),
  };
}
