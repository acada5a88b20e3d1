/** The metrics of a Server-Timing header: [{ name, milliseconds, description }]. */
export function metricsOf(header) {
  return (header ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [name, ...parameters] = part.split(";").map((piece) => piece.trim());
      const given = Object.fromEntries(parameters.map((parameter) => parameter.split("=")));
      return { name, milliseconds: given.dur === undefined ? null : Number(given.dur), description: given.desc ?? null };
    });
}

/**
 * What the header says: { total, cache, by, phases }.
 *
 * The time of a miss in the cache contains that of what was done for it, so only what is left counts as the cache's.
 */
export function timingOf(header) {
  const metrics = metricsOf(header);
  const found = (name) => metrics.find((metric) => metric.name === name);
  const total = found("total")?.milliseconds ?? null;
  const cache = found("cache")?.description ?? null;
  const phases = metrics.filter(({ name, milliseconds }) => name !== "total" && name !== "cache" && milliseconds !== null);
  const work = phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const cached = found("cache")?.milliseconds ?? null;
  if (cached !== null) phases.unshift({ name: "cache", milliseconds: Math.max(cached - work, 0) });
  const rest = total === null ? 0 : total - phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (rest > 0) phases.push({ name: "rest", milliseconds: rest });
  const by = found("resolve") ? "resolvers" : found("db") ? "plan" : null;
  return { total, cache, by, phases };
}
