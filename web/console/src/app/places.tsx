import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { PAGES } from "./pages";
import { useSections } from "./sections";

/** Everywhere that the palette can go to: every page, and beneath it the pages within it. */
export function usePlaces() {
  const say = useTranslations("pages");
  const navigate = useNavigate();
  const sections = {
    data: useSections("data").map(({ name, label }) => ({ to: `/data/${name}` as const, label })),
    identity: useSections("identity").map(({ name, label }) => ({
      to: `/identity/${name}` as const,
      label,
    })),
    settings: useSections("settings").map(({ name, label }) => ({
      to: `/settings/${name}` as const,
      label,
    })),
  };
  return PAGES.flatMap(({ name, to, icon: Icon }) => {
    const page = say(name);
    const icon = () => <Icon size={17} stroke={1.7} />;
    const within = name in sections ? sections[name as keyof typeof sections] : [];
    return [
      { id: to, label: page, leftSection: icon(), onClick: () => navigate({ to }) },
      ...within.map((one) => ({
        id: one.to,
        label: `${page} › ${one.label}`,
        leftSection: icon(),
        onClick: () => navigate({ to: one.to }),
      })),
    ];
  });
}
