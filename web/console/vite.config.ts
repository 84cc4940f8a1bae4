import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const BUILT = "../../src/patron/api/static/console";
const CHARTS = /node_modules[\\/](@mantine[\\/]charts|recharts|victory-vendor|d3-)/;
const SEVERAL = 5;

/** Compress once at the build, so that the server need not on every request. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = BUILT }, bundle) {
      for (const name of Object.keys(bundle).filter((one) => /\.(js|css|svg)$/.test(one))) {
        const bytes = readFileSync(join(dir, name));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(bytes));
      }
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), compressed()],
  // The server puts a fresh nonce in its place with every page.
  html: { cspNonce: "nonce-of-the-page" },
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    manifest: true,
    // An image inside the style sheet would be a data: address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What several pages use is one file: a browser takes longer over many small ones.
          // Charts are drawn once the rest is there.
          groups: [{ name: "shared", test: (id) => !CHARTS.test(id), minShareCount: SEVERAL }],
        },
      },
    },
  },
  server: {
    proxy: { "/api": process.env.PATRON_URL ?? "http://127.0.0.1:8000" },
  },
});
