import { useSyncExternalStore } from "react";

/* The last operation that somebody ran: { request, answer }; null before the first. */
let last = null;
const listeners = new Set();

function set(next) {
  last = next;
  listeners.forEach((listener) => listener());
}

/** An operation is on its way. */
export const asked = (request) => set({ request, answer: null });

/** Its answer has come; one that was overtaken by another operation is of no interest. */
export const answered = (request, answer) => last?.request === request && set({ request, answer });

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useExchange = () => useSyncExternalStore(subscribe, () => last);
