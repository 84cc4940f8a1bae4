// Light or dark is set before anything is drawn: a page that turns dark later would flash.
(() => {
  const chosen = window.localStorage.getItem("mantine-color-scheme-value");
  const dark =
    chosen === "dark" ||
    (chosen !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
