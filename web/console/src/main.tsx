import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./app/app.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/cache";
import { theme, variables } from "./app/theme";
import { Language } from "./language/Language";
import { Door } from "./session/Door";

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
// What locks the page behind a dialog writes a style, too, and looks for the nonce under this name.
Object.assign(window, { __webpack_nonce__: nonce });
const root = document.getElementById("root");
if (!root) throw new Error("The page has no element called root.");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce ?? ""}
    >
      <QueryClientProvider client={queryClient}>
        <Language>
          <Notifications position="bottom-right" />
          <Door />
        </Language>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
