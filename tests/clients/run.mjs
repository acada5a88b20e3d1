// Prints what a page's client gets: node --import tsx run.mjs MODULE SLUG
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [module, slug] = process.argv.slice(2);
const { storefront } = await import(pathToFileURL(resolve(module)));
process.stdout.write(JSON.stringify(await storefront(slug)), () => process.exit(0));
