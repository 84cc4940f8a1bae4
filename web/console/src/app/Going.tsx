import { useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import classes from "./Going.module.css";

/** Shows at once that one is on the way to another page; the page follows when it is ready. */
export function Going() {
  const router = useRouter();
  const [going, setGoing] = useState(false);
  useEffect(() => {
    const ends = [
      router.subscribe("onBeforeLoad", ({ pathChanged }) => setGoing(pathChanged)),
      router.subscribe("onRendered", () => setGoing(false)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [router]);
  return going ? <div className={classes.going} data-going aria-hidden /> : null;
}
