import { ScrollArea, Table, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Schema } from "../../../api/client";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import classes from "./overlap.module.css";

type Found = Schema["OverlapAnswer"];

/**
 * Every region that is not empty as a column: its bar, and below it a dot for each segment that
 * its customers are in. Unlike circles this stays exact and readable with more than three.
 */
export function OverlapPicture({ found }: { found: Found }) {
  const say = useTranslations("segments.overlap");
  const { number, share } = useAmounts();
  const most = Math.max(...found.regions.map(({ count }) => count), 1);
  return (
    <>
      <ScrollArea scrollbars="x" {...FOCUSABLE}>
        <table className={classes.picture}>
          <caption className={classes.hidden}>{say("title")}</caption>
          <thead>
            <tr>
              <td />
              {found.regions.map((region) => (
                <th key={region.mask} scope="col" className={classes.column}>
                  <span className={classes.number}>{number(region.count)}</span>
                  <span
                    className={classes.bar}
                    style={{ height: `${(120 * region.count) / most}px` }}
                  />
                  <span className={classes.hidden}>{region.segments.join(", ")}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.segments.map(({ name, count }) => (
              <tr key={name}>
                <th scope="row" className={classes.name}>
                  {name} <span className={classes.size}>{number(count)}</span>
                </th>
                {found.regions.map((region) => {
                  const inside = region.segments.includes(name);
                  return (
                    <td key={region.mask} className={classes.cell}>
                      <span className={inside ? classes.dot : classes.none} aria-hidden />
                      <span className={classes.hidden}>{say(inside ? "in" : "out")}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
      <Text size="sm" c="dimmed">
        {say("union", { count: found.union })}
        {found.regions_in_all > found.regions.length &&
          ` ${say("more", { shown: found.regions.length, all: found.regions_in_all })}`}
      </Text>
      <Table.ScrollContainer minWidth={320} scrollAreaProps={FOCUSABLE}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("both")}</Table.Th>
              {found.segments.map(({ name }) => (
                <Table.Th key={name} ta="right">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.segments.map(({ name, count }, row) => (
              <Table.Tr key={name}>
                <Table.Th>{name}</Table.Th>
                {(found.pairs[row] ?? []).map((both, column) => (
                  <Table.Td key={found.segments[column]?.name} ta="right">
                    {number(both)}{" "}
                    {row !== column && count > 0 && (
                      <Text span size="xs" c="dimmed">
                        {share(both / count)}
                      </Text>
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
