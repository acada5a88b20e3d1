const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
];

function ago(time) {
  if (!time) return "never confirmed";
  const seconds = Math.max((Date.now() - Date.parse(time)) / 1000, 0);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

/** How old the data of every source is, by what it says. */
export function Freshness({ freshness }) {
  if (!freshness) {
    return (
      <section>
        <h2>Freshness</h2>
        <p className="larder-note">
          The gateway does not say: <code>LARDER_FRESHNESS_EXTENSION</code> decides who may ask.
        </p>
      </section>
    );
  }
  return (
    <section>
      <h2>
        Freshness <span>every source</span>
      </h2>
      {Object.keys(freshness).length === 0 && <p className="larder-note">No source has confirmed anything yet.</p>}
      {Object.entries(freshness).map(([source, concerns]) => (
        <table className="larder-freshness" key={source}>
          <caption>{source}</caption>
          <tbody>
            {Object.entries(concerns).map(([concern, { status, confirmedAt }]) => (
              <tr key={concern}>
                <th scope="row">{concern}</th>
                <td>
                  <span className={`larder-badge ${status.toLowerCase()}`}>{status}</span>
                </td>
                <td title={confirmedAt ?? ""}>{ago(confirmedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  );
}
