import { Anchor, ScrollArea, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAmounts } from "../../../show/amounts";
import { FOCUSABLE } from "../../../show/focusable";
import { When } from "../../../show/When";
import type { Entity } from "./asked";

/** Attributes that tell most come first; of all others, as many as there is room for. */
const TELLING = ["category", "price", "availability", "region", "city"];
const ROOM = 3;

/** Entities in rows, with the attributes that most of them have. */
export function EntityTable({ rows }: { rows: Entity[] }) {
  const say = useTranslations("catalogue");
  const attribute = useWritten();
  const columns = telling(rows);
  const named = rows.some((one) => nameOf(one));
  return (
    <ScrollArea type="auto" {...FOCUSABLE}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("id")}</Table.Th>
            {named && <Table.Th>{say("name")}</Table.Th>}
            {columns.map((column) => (
              <Table.Th key={column} visibleFrom="sm">
                {column}
              </Table.Th>
            ))}
            <Table.Th visibleFrom="sm">{say("brand")}</Table.Th>
            <Table.Th visibleFrom="xs">{say("observed")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((one) => (
            <Table.Tr key={`${one.brand} ${one.id}`}>
              <Table.Td maw={180}>
                <Anchor
                  size="sm"
                  fw={600}
                  style={{ overflowWrap: "anywhere" }}
                  renderRoot={(props) => (
                    <Link
                      to="/data/catalogue"
                      search={(before) => ({
                        ...before,
                        id: one.id,
                        brand: one.brand ?? before.brand,
                      })}
                      {...props}
                    />
                  )}
                >
                  {one.id}
                </Anchor>
              </Table.Td>
              {named && (
                <Table.Td>
                  <Text size="sm" lineClamp={2}>
                    {nameOf(one)}
                  </Text>
                </Table.Td>
              )}
              {columns.map((column) => (
                <Table.Td key={column} visibleFrom="sm">
                  <Text size="sm" lineClamp={1}>
                    {attribute(column, one.attributes)}
                  </Text>
                </Table.Td>
              ))}
              <Table.Td visibleFrom="sm">{one.brand ?? say("everyBrand")}</Table.Td>
              <Table.Td visibleFrom="xs">
                <When at={one.observed_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

const MONEY = ["price", "sale_price", "cost", "margin"];

/** Writes the attributes of an entity; money with its currency. */
export function useWritten() {
  const { money } = useAmounts();
  return (name: string, attributes: Entity["attributes"]) => {
    const value = attributes[name];
    const { currency } = attributes;
    const isMoney = MONEY.includes(name) && typeof value === "number";
    return isMoney && typeof currency === "string" ? money(value, currency) : written(value);
  };
}

/** A value in words. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(written).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function nameOf({ attributes }: Pick<Entity, "attributes">): string | undefined {
  const name = attributes.name ?? attributes.title;
  return typeof name === "string" ? name : undefined;
}

function telling(rows: Entity[]): string[] {
  const counts = new Map<string, number>();
  for (const { attributes } of rows)
    for (const [name, value] of Object.entries(attributes))
      if (String(value).length <= 60) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rank = (name: string) => (TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length);
  return [...counts.keys()]
    .filter((name) => name !== "name" && name !== "title")
    .toSorted((a, b) => rank(a) - rank(b) || (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
    .slice(0, ROOM);
}
