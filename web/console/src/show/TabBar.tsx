import { ScrollArea, Tabs } from "@mantine/core";
import { useEffect, useRef } from "react";

interface TabBarProps<Name extends string> {
  /** What the tabs belong to, for those who do not see them. */
  label?: string;
  tabs: readonly { name: Name; label: string }[];
}

/** The tabs of a page, in one line: where they do not fit, they are moved until the open one shows. */
export function TabBar<Name extends string>({ label, tabs }: TabBarProps<Name>) {
  const bar = useRef<HTMLDivElement>(null);
  const shown = useRef<Element>(null);
  useEffect(() => {
    const open = bar.current?.querySelector("[data-active]") ?? null;
    if (open !== shown.current) open?.scrollIntoView({ block: "nearest", inline: "nearest" });
    shown.current = open;
  });
  return (
    <ScrollArea type="never" mb="md" viewportRef={bar}>
      <Tabs.List
        style={{ flexWrap: "nowrap", width: "max-content", minWidth: "100%" }}
        aria-label={label}
      >
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.name} value={tab.name}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </ScrollArea>
  );
}
