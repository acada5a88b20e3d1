import { useState } from "react";

import { useExchange } from "../exchange.js";
import { Answer } from "./answer.jsx";
import { useExplanation } from "./explanation.js";
import { Freshness } from "./freshness.jsx";
import { Plan } from "./plan.jsx";
import { Timing } from "./timing.jsx";
import { timingOf } from "./timing.js";

const KEY = "larder:panel";

/** What the gateway did for the last operation: time, cache, plan, statements, and how old what it read is. */
export function Panel({ endpoint }) {
  const [open, setOpen] = useState(() => localStorage.getItem(KEY) !== "closed");
  const exchange = useExchange();
  const explanation = useExplanation(endpoint, exchange, open);
  const toggle = () => {
    localStorage.setItem(KEY, open ? "closed" : "open");
    setOpen(!open);
  };
  return (
    <aside className={`graphiql-container larder-panel ${open ? "open" : "closed"}`} aria-label="Larder">
      <button type="button" className="larder-toggle" aria-expanded={open} onClick={toggle}>
        {open ? "Larder ›" : "‹ Larder"}
      </button>
      {open && <Content exchange={exchange} explanation={explanation} />}
    </aside>
  );
}

function Content({ exchange, explanation }) {
  if (exchange === null) return <p className="larder-note">Run an operation to see what became of it.</p>;
  const { answer } = exchange;
  if (answer === null) return <p className="larder-note">On its way …</p>;
  const timing = timingOf(answer.timing);
  const executed = Boolean(answer.payload.data);
  return (
    <div className="larder-content">
      <Answer answer={answer} timing={timing} cost={explanation?.cost} />
      <Timing timing={timing} milliseconds={answer.milliseconds} />
      {executed && explanation === null && <p className="larder-note">Asking how it is executed …</p>}
      {executed && explanation?.refused && <p className="larder-note">No explanation: {explanation.refused}</p>}
      {executed && explanation && !explanation.refused && (
        <>
          <Plan plan={explanation.plan} />
          <Freshness freshness={explanation.freshness} />
        </>
      )}
    </div>
  );
}
