import { Code } from "@mantine/core";
import show from "../../show/show.module.css";

/** What was received: JSON with its lines set out, anything else as it is. */
export function Body({ text }: { text: string }) {
  return (
    <Code block className={show.wrapped}>
      {setOut(text)}
    </Code>
  );
}

function setOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // no JSON, or only its beginning
  }
}
