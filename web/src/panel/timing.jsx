const format = (milliseconds) => `${milliseconds < 10 ? milliseconds.toFixed(2) : milliseconds.toFixed(0)} ms`;

/** Where the time went: a bar with the phases of the gateway, then each with its milliseconds. */
export function Timing({ timing, milliseconds }) {
  const { phases, total } = timing;
  return (
    <section>
      <h2>
        Time <span>{total === null ? format(milliseconds) : format(total)}</span>
      </h2>
      {total === null ? (
        <p className="larder-note">
          As the browser saw it. The gateway tells where the time went with <code>LARDER_SERVER_TIMING=on</code>.
        </p>
      ) : (
        <>
          <div className="larder-bar" role="img" aria-label="Phases of the request">
            {phases.map(({ name, milliseconds: spent }) => (
              <span key={name} className={`phase-${name}`} style={{ flexGrow: (spent / total) * 100 }} title={`${name}: ${format(spent)}`} />
            ))}
          </div>
          <ul className="larder-phases">
            {phases.map(({ name, milliseconds: spent }) => (
              <li key={name}>
                <i className={`phase-${name}`} />
                {name} <span>{format(spent)}</span>
              </li>
            ))}
            <li>
              <i />
              round trip <span>{format(milliseconds)}</span>
            </li>
          </ul>
        </>
      )}
    </section>
  );
}
