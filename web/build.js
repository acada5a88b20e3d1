/* node build.js          builds GraphiQL into gateway/graphiql/static
 * node build.js --check  builds it beside that, and fails where the two differ */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

import { build } from "vite";

const OUTPUT = fileURLToPath(new URL("../gateway/graphiql/static", import.meta.url));
const COMPRESSED = /\.(js|css|ttf|svg)$/;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(0)} KB`;

/** What Vite makes: path -> bytes. */
async function built() {
  const folder = mkdtempSync(join(tmpdir(), "larder-graphiql-"));
  try {
    await build({ configFile: fileURLToPath(new URL("vite.config.js", import.meta.url)), build: { outDir: folder, emptyOutDir: true } });
    return filesIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** path -> bytes, the compressed ones inflated: compressors differ between versions of Node, what they compress must not. */
function filesIn(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = names.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    return name.endsWith(".br") ? [name.slice(0, -3), brotliDecompressSync(bytes)] : [name, bytes];
  });
  return new Map(files.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function compressed(bytes) {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
}

function write(files) {
  rmSync(OUTPUT, { recursive: true, force: true });
  let [raw, sent] = [0, 0];
  for (const [name, bytes] of files) {
    const body = COMPRESSED.test(name) ? compressed(bytes) : bytes;
    const path = join(OUTPUT, COMPRESSED.test(name) ? `${name}.br` : name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, body);
    raw += bytes.length;
    sent += body.length;
    console.log(`${basename(path)}: ${kilobytes(bytes.length)}, as it is sent ${kilobytes(body.length)}`);
  }
  console.log(`${files.size} files: ${kilobytes(raw)}, as they are sent ${kilobytes(sent)}`);
}

function check(files) {
  const committed = filesIn(OUTPUT);
  const names = new Set([...files.keys(), ...committed.keys()]);
  const different = [...names].filter((name) => !files.get(name)?.equals(committed.get(name) ?? Buffer.alloc(0)));
  if (different.length) {
    console.error(`gateway/graphiql/static is not what web/ gives: ${different.join(", ")}. Run make graphiql`);
    process.exit(1);
  }
  console.log(`gateway/graphiql/static is what web/ gives: ${files.size} files`);
}

const files = await built();
if (process.argv.includes("--check")) check(files);
else write(files);
