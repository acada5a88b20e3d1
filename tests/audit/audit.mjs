// Prints what each audit of GraphQL over HTTP finds at a URL, one JSON array: `node audit.mjs URL`.
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
const results = [];
for (const audit of serverAudits({ url })) {
  const found = await audit.fn();
  results.push({ id: found.id, name: found.name, status: found.status, reason: found.reason ?? null });
}
process.stdout.write(JSON.stringify(results));
