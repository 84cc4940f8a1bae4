import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconBuildingStore,
  IconCopy,
  IconDots,
  IconParentheses,
  IconParenthesesOff,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { useBuilding } from "./Building";
import { goTo } from "./gap";
import {
  copied,
  dissolve,
  enclose,
  type Group,
  insert,
  isGroup,
  nudge,
  type Part,
  parentOf,
  replace,
  without,
} from "./tree";

interface Props {
  part: Part;
  /** Show a condition as its text, where it is shown as fields. */
  onText?: () => void;
}

/** What can be done with a part besides filling it in. */
export function PartMenu({ part, onText }: Props) {
  const say = useTranslations("segments.builder");
  const { root, change } = useBuilding();
  const parent = parentOf(root, part.id);
  const at = parent?.inside.findIndex((one) => one.id === part.id) ?? 0;
  const id = part.id;
  const beside = parent?.inside[at + 1] ?? parent?.inside[at - 1];
  // The part may stand elsewhere afterwards, or be gone: the focus goes along, or to what is next.
  const put = (next: Group) => {
    change(next);
    goTo(menuOf(id), menuOf(beside?.id), addTo(parent?.id));
  };
  return (
    <Menu position="bottom-end" withinPortal width={230}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="md" aria-label={say("more")} data-menu={id}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconBan size={15} />}
          onClick={() => put(replace(root, id, (one) => ({ ...one, not: !one.not })))}
        >
          {say(part.not ? "notNot" : "negate")}
        </Menu.Item>
        {onText && (
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={onText}>
            {say("asText")}
          </Menu.Item>
        )}
        {parent && (
          <>
            <Menu.Item
              leftSection={<IconCopy size={15} />}
              onClick={() => put(insert(root, parent.id, at + 1, copied(part)))}
            >
              {say("duplicate")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconParentheses size={15} />}
              onClick={() => put(enclose(root, id))}
            >
              {say("enclose")}
            </Menu.Item>
            {isGroup(part) && (
              <Menu.Item
                leftSection={<IconBuildingStore size={15} />}
                onClick={() =>
                  put(
                    replace(root, id, (one) => ({
                      ...one,
                      brands: part.brands ? undefined : { op: ">=", value: 2, of: [] },
                    })),
                  )
                }
              >
                {say(part.brands ? "notEachBrand" : "eachBrand")}
              </Menu.Item>
            )}
            {isGroup(part) && (
              <Menu.Item
                leftSection={<IconParenthesesOff size={15} />}
                onClick={() => put(dissolve(root, id))}
              >
                {say("dissolve")}
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<IconArrowUp size={15} />}
              disabled={at === 0}
              onClick={() => put(nudge(root, id, -1))}
            >
              {say("up")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown size={15} />}
              disabled={at === parent.inside.length - 1}
              onClick={() => put(nudge(root, id, 1))}
            >
              {say("down")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={15} />}
              onClick={() => put(without(root, id))}
            >
              {say("remove")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Finds the menu of a part, and what adds a condition to a group. */
const menuOf = (id = "") => `[data-menu="${id}"]`;
export const addTo = (id = "") => `[data-add="${id}"]`;
