const OUTCOMES = {
  hit: "out of the response cache of this process",
  redis: "out of the response cache in Redis",
  miss: "executed, and kept in the response cache",
  shared: "shared with a request that was under way",
  stale: "out of the response cache, on purpose older than the store",
  bypass: "executed: nobody could tell when the answer changes",
};

const count = new Intl.NumberFormat("en");

/** Status, size, cost and what the response cache did. */
export function Answer({ answer, timing, cost }) {
  const codes = (answer.payload.errors ?? []).map((error) => error.extensions?.code ?? "ERROR");
  const executed = Boolean(answer.payload.data);
  return (
    <section>
      <div className="larder-badges">
        <span className={`larder-badge ${codes.length ? "bad" : "good"}`}>{answer.status}</span>
        {executed && timing.cache && <span className={`larder-badge cache-${timing.cache}`}>{timing.cache}</span>}
        {timing.by && <span className="larder-badge">{timing.by}</span>}
        {[...new Set(codes)].map((code) => (
          <span className="larder-badge bad" key={code}>
            {code}
          </span>
        ))}
      </div>
      <p className="larder-note">{executed ? OUTCOMES[timing.cache] : "nothing was executed"}</p>
      <dl className="larder-facts">
        <dt>Size</dt>
        <dd>{count.format(answer.bytes)} bytes</dd>
        {cost && (
          <>
            <dt>Cost</dt>
            <dd>
              {count.format(cost.actual)} of {count.format(cost.estimated)} estimated
            </dd>
          </>
        )}
        {answer.id && (
          <>
            <dt>Request</dt>
            <dd>
              <code className="larder-request">{answer.id}</code>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
