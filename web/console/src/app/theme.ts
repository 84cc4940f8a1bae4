import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef1ff",
  "#dde2fb",
  "#b9c3f5",
  "#93a1ef",
  "#7384e9",
  "#5f72e5",
  "#4c5bd4",
  "#3f4cb8",
  "#3541a0",
  "#2a3489",
];

const gray: MantineColorsTuple = [
  "#f8f9fa",
  "#f1f2f4",
  "#e6e8eb",
  "#d7dade",
  "#c1c6cc",
  "#9aa1ab",
  "#6b7280",
  "#4b5563",
  "#2f3742",
  "#1c222b",
];

const dark: MantineColorsTuple = [
  "#d5d8de",
  "#b4b9c2",
  "#9aa1ad",
  "#5d6470",
  "#3a404a",
  "#2b3038",
  "#22262d",
  "#191c22",
  "#121419",
  "#0c0e12",
];

/** Calm and dense: one accent, small radii, thin lines. */
export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: 6,
  autoContrast: true,
  luminanceThreshold: 0.32,
  colors: { indigo, gray, dark },
  fontFamily:
    "'Inter Variable', system-ui, -apple-system, 'Segoe UI', 'Noto Sans Thai', 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Noto Sans Mono', monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  defaultRadius: "md",
  radius: { xs: "0.1875rem", sm: "0.25rem", md: "0.375rem", lg: "0.625rem", xl: "1rem" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1rem", lineHeight: "1.4" },
      h3: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  components: {
    // What a button or a badge says is never cut to make room for what stands beside it.
    Button: { defaultProps: { size: "xs" }, styles: { root: { flexShrink: 0 } } },
    Table: {
      defaultProps: { verticalSpacing: 7, horizontalSpacing: "sm", highlightOnHover: true },
    },
    // Lists that nobody opened take two thirds of the time that a page of fields takes to draw.
    Combobox: { defaultProps: { keepMounted: false } },
    // Beside its margins, and not beyond them.
    Skeleton: { defaultProps: { width: "auto" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Badge: {
      defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 500 },
      styles: { root: { flexShrink: 0 } },
    },
  },
});

/** Secondary text keeps a contrast of 4.5 to 1 on every ground that it stands on. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5b6472",
    "--mantine-color-body": "#ffffff",
    "--patron-ground": "#f8f9fa",
    "--patron-line": "#e6e8eb",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-orange-light-color": "#9a3412",
    "--mantine-color-teal-light-color": "#05604a",
    "--mantine-color-red-light-color": "#a51d1d",
    "--mantine-color-gray-light-color": "#475060",
  },
  dark: {
    "--mantine-color-dimmed": "#9aa1ad",
    "--mantine-color-body": "#121419",
    "--patron-ground": "#0c0e12",
    "--patron-line": "#262a32",
    "--mantine-color-placeholder": "#8b93a1",
    "--mantine-color-indigo-light": "#1d2342",
    "--mantine-color-indigo-light-hover": "#232a50",
    "--mantine-color-indigo-light-color": "#c3ccf8",
    "--mantine-color-orange-light": "#35200f",
    "--mantine-color-orange-light-color": "#f5b27c",
    "--mantine-color-red-light-color": "#ff9d9d",
    "--mantine-color-teal-light": "#0d2d25",
    "--mantine-color-teal-light-color": "#7fdcbc",
    "--mantine-color-gray-light": "#23272f",
    "--mantine-color-gray-light-color": "#b4b9c2",
  },
});
