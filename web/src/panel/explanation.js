import { useEffect, useState } from "react";
import { post } from "../fetcher.js";

const WANTED = { plan: true, cost: true, freshness: true };

/**
 * The extensions of the same operation when it asks for them: { plan, cost, freshness }; null until they are there.
 *
 * The operation goes out once more for that: the answer beside the panel is the ordinary one, which may come from the cache.
 */
export function useExplanation(endpoint, exchange, open) {
  const [found, setFound] = useState(null);
  const explained = open && exchange?.answer?.payload?.data ? exchange : null;
  useEffect(() => {
    setFound(null);
    if (explained === null) return undefined;
    let current = true;
    const { parameters, headers } = explained.request;
    post(endpoint, { ...parameters, extensions: WANTED }, headers)
      .then((response) => response.json())
      .then((payload) => ({ ...payload.extensions, refused: payload.data ? null : payload.errors?.[0]?.message }))
      .catch((error) => ({ refused: String(error) }))
      .then((told) => current && setFound(told));
    return () => {
      current = false;
    };
  }, [endpoint, explained]);
  return found;
}
