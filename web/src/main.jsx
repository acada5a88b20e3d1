import "./editor/workers.js";
import "@graphiql/react/style.css";
import "graphiql/graphiql.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "./page.css";
import "./panel/panel.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";

import { examplesPlugin } from "./examples.jsx";
import { fetcherOf } from "./fetcher.js";
import { Panel } from "./panel/panel.jsx";

const { endpoint, examples } = JSON.parse(document.getElementById("larder").textContent);
const plugins = [explorerPlugin(), ...(examples.length ? [examplesPlugin(examples)] : []), HISTORY_PLUGIN];

createRoot(document.getElementById("root")).render(
  <GraphiQL
    fetcher={fetcherOf(endpoint)}
    plugins={plugins}
    defaultTabs={examples.length ? examples.map(({ query, variables }) => ({ query, variables })) : undefined}
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      <a className="larder-logo" href="https://github.com/graphql/graphiql" target="_blank" rel="noreferrer">
        Larder Graph<em>i</em>QL
      </a>
    </GraphiQL.Logo>
    <Panel endpoint={endpoint} />
  </GraphiQL>,
);
