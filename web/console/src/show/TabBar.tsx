import { ScrollArea, Tabs } from "@mantine/core";

interface TabBarProps<Name extends string> {
  /** What the tabs belong to, for those who do not see them. */
  label?: string;
  tabs: readonly { name: Name; label: string }[];
}

/** The tabs of a page, in one line: where they do not fit, they are moved sideways. */
export function TabBar<Name extends string>({ label, tabs }: TabBarProps<Name>) {
  return (
    <ScrollArea type="never" mb="md">
      <Tabs.List style={{ flexWrap: "nowrap" }} aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.name} value={tab.name}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </ScrollArea>
  );
}
