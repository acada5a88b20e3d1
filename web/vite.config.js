import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { licences } from "./licences.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const packages = licences();

export default defineConfig({
  root: here("."),
  base: "/graphiql/",
  logLevel: "warn",
  resolve: {
    alias: ["prettier/parser-babel", "prettier/plugins/estree"].map((find) => ({
      find,
      replacement: here("src/editor/jsonc.js"),
    })),
  },
  oxc: { jsx: { runtime: "automatic", development: false } },
  build: {
    target: "es2022",
    // The policy of the page lets nothing come from an address of its own.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // What is ours stands alone, so that a change of it leaves the large files as they were.
      output: { codeSplitting: { groups: [{ name: "packages", test: /node_modules\/(?!monaco|prettier)|vite\/|^\0/ }] } },
      onLog: (level, log, report) => log.code === "MODULE_LEVEL_DIRECTIVE" || report(level, log),
    },
  },
  worker: { format: "es", plugins: () => [packages.collect()] },
  plugins: [packages.collect(), packages.write()],
});
