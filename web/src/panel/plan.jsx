const TOTAL = " (total)";

/** Which plan ran, or why none; its statements with rows and time. */
export function Plan({ plan }) {
  if (!plan) {
    return (
      <section>
        <h2>Plan</h2>
        <p className="larder-note">
          The gateway does not say: <code>LARDER_PLAN_EXPLAIN</code> decides who may ask.
        </p>
      </section>
    );
  }
  const { by, reason, path, statements, uncacheable } = plan;
  const spent = statements.reduce((sum, { milliseconds }) => sum + (milliseconds ?? 0), 0);
  return (
    <section>
      <h2>
        Plan <span>{by === "plan" ? "compiled" : "none: resolvers"}</span>
      </h2>
      {reason && (
        <p className="larder-note">
          {path && <code>{path}</code>} {reason}
        </p>
      )}
      {uncacheable && <p className="larder-note">Not kept in the response cache: {uncacheable}</p>}
      <h2>
        Statements{" "}
        <span>
          {statements.length} · {spent.toFixed(2)} ms one by one
        </span>
      </h2>
      <ol className="larder-statements">
        {statements.map((statement, index) => (
          <Statement statement={statement} key={index} />
        ))}
      </ol>
    </section>
  );
}

/** The last field of each path: where it stands shows in how far it is indented. */
function labelOf(path, fetch) {
  const fields = new Set(path.split(", ").map((one) => one.split(".").at(-1)));
  return [...fields].join(", ") + (fetch.endsWith(TOTAL) ? TOTAL : "");
}

function Statement({ statement }) {
  const { path, fetch, sql, rows, milliseconds, depth, warnings } = statement;
  return (
    <li style={{ marginLeft: `${Math.min(depth ?? 0, 6) * 10}px` }}>
      <details>
        <summary>
          <code title={path}>{path ? labelOf(path, fetch) : fetch || "statement"}</code>
          <span>
            {rows} {rows === 1 ? "row" : "rows"} · {milliseconds?.toFixed(2)} ms
          </span>
        </summary>
        <p className="larder-note">{[path, fetch].filter(Boolean).join(" · ")}</p>
        {warnings?.map((warning) => (
          <p className="larder-note bad" key={warning}>
            {warning}
          </p>
        ))}
        <pre>{sql}</pre>
      </details>
    </li>
  );
}
