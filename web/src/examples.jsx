import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" height="1em" aria-hidden="true">
    <path d="M5 4h11l3 3v13H5zM9 9h6M9 13h6M9 17h3" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);

/** The examples in the sidebar; each opens in a tab of its own. */
export function examplesPlugin(examples) {
  return { title: "Examples", icon: Icon, content: () => <Examples examples={examples} /> };
}

function Examples({ examples }) {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const open = ({ query, variables }) => {
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables ?? "");
  };
  return (
    <section className="larder-examples" aria-label="Examples">
      <div className="graphiql-doc-explorer-title">Examples</div>
      {examples.map((example) => (
        <button type="button" key={example.name} onClick={() => open(example)}>
          <strong>{example.name}</strong>
          {example.description && <span>{example.description}</span>}
        </button>
      ))}
    </section>
  );
}
