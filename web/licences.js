import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const NOTICE = /^(licen[cs]e|notice|copying|thirdpartynotices)/i;

/** Plugins that collect the packages which stand in the output, and write their licences beside it. */
export function licences() {
  const folders = new Set();
  return {
    collect: () => ({
      name: "collect-packages",
      generateBundle(_, bundle) {
        for (const chunk of Object.values(bundle)) {
          const sources = chunk.type === "chunk" ? Object.keys(chunk.modules) : (chunk.originalFileNames ?? []);
          sources.map(folderOf).filter(Boolean).forEach((folder) => folders.add(folder));
        }
      },
    }),
    write: () => ({
      name: "write-licences",
      generateBundle: {
        order: "post",
        handler() {
          const texts = [...new Set([...folders].map(textOf))].sort();
          this.emitFile({ type: "asset", fileName: "LICENCES.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
        },
      },
    }),
  };
}

/** The folder of the package that a module belongs to, null for a module of our own. */
function folderOf(module) {
  const path = module.replace(/^\0/, "").replace(/\?.*$/, "");
  if (!path.includes("node_modules/")) return null;
  let folder = dirname(path);
  while (!existsSync(join(folder, "package.json")) || !JSON.parse(readFileSync(join(folder, "package.json"))).version) {
    folder = dirname(folder);
  }
  return folder;
}

function textOf(folder) {
  const about = JSON.parse(readFileSync(join(folder, "package.json")));
  const notices = readdirSync(folder).filter((name) => NOTICE.test(name)).sort();
  const texts = notices.map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
  return [`${about.name} ${about.version} (${about.license ?? "see below"})`, ...texts].join("\n\n") + "\n";
}
