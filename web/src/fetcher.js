import { asked, answered } from "./exchange.js";

/** What sends operations, and tells the panel of those that somebody ran. */
export function fetcherOf(endpoint) {
  return async (parameters, { headers, documentAST } = {}) => {
    const observed = documentAST !== undefined && parameters.operationName !== "IntrospectionQuery";
    const request = { parameters, headers };
    if (observed) asked(request);
    const began = performance.now();
    const response = await post(endpoint, parameters, headers);
    const text = await response.text();
    const milliseconds = performance.now() - began;
    const payload = payloadOf(text, response);
    if (observed) {
      answered(request, {
        milliseconds,
        payload,
        status: response.status,
        bytes: new Blob([text]).size,
        timing: response.headers.get("server-timing"),
        id: response.headers.get("x-request-id"),
      });
    }
    return payload;
  };
}

/** Sends one operation. The answer may be of any status. */
export function post(endpoint, body, headers) {
  return fetch(endpoint, {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json;q=0.9",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: "same-origin",
  });
}

function payloadOf(text, response) {
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `${response.status} ${response.statusText}: not JSON: ${text.slice(0, 200)}` }] };
  }
}
