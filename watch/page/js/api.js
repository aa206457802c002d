// The server's routes, one function each. All are below the page's own
// address; the cookie goes along by itself.

import { plain } from "./visible.js";

// Refusal is an answer that is not 2xx. status is 0 when there was none.
export class Refusal extends Error {
  constructor(status, message) {
    super(plain(message));
    this.status = status;
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, error.message);
  }
  if (!answer.ok) throw new Refusal(answer.status, (await answer.text()).trim() || answer.statusText);
  return answer;
}

async function json(path, options) {
  return (await ask(path, options)).json();
}

function change(path, body) {
  return ask(path, {
    method: "POST",
    headers: { "X-Genkan": "1", "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
}

const flag = (secrets) => (secrets ? "1" : "0");

export const words = (language) => json(`api/words?lang=${language}`);
export async function exchange(id, secrets, signal) {
  const found = await json(`api/exchanges/${id}?secrets=${flag(secrets)}`, { signal });
  return { ...found, summary: whole(found.summary), siblings: (found.siblings ?? []).map(whole) };
}
export const body = (id, side, secrets, signal) => json(`api/exchanges/${id}/body?side=${side}&secrets=${flag(secrets)}`, { signal });
export const find = async (field) => new Set((await json(`api/find?field=${encodeURIComponent(field)}`)).ids);
export const clear = () => change("api/clear");
export const mark = (id, marked) => change(`api/mark/${id}`, { marked });
export const replay = async (request) => (await change("api/replay", request)).json();
export const replayed = (number, secrets) => json(`api/replays/${number}?secrets=${flag(secrets)}`);

// exportPath is where one exchange can be had as curl, raw-request,
// raw-response, gotest or fuzz; exportAllPath, all that are kept as har or
// pcapng; exportSome is a file of those with some ids, more than a URL carries.
export const exportPath = (id, as, secrets) => `api/export/${id}?as=${as}&secrets=${flag(secrets)}`;
export const exportAllPath = (as, secrets) => `api/export?as=${as}&secrets=${flag(secrets)}`;
export const exportSome = async (as, ids, secrets) => (await change("api/export", { as, ids, secrets })).blob();
export const text = async (path) => (await ask(path)).text();

// whole fills in what a summary may leave out.
const whole = (summary) => ({ nth: 1, method: "", target: "", host: "", status: 0, in: 0, out: 0, took_ns: 0, state: "done", ...summary });

// stream listens until it is closed. on has a function for each event of the
// stream (exchanges, conn, status, cleared), opened() when the stream is up,
// after which everything that is kept comes again, and broken(forGood).
export function stream(on) {
  const source = new EventSource("api/stream");
  source.onopen = () => on.opened();
  source.onerror = () => on.broken(source.readyState === EventSource.CLOSED);
  const listen = (name, take) => source.addEventListener(name, (event) => take(event.data ? JSON.parse(event.data) : null));
  listen("exchanges", (summaries) => on.exchanges((summaries ?? []).map(whole)));
  listen("exchange", (summary) => on.exchanges([whole(summary)]));
  listen("conn", on.conn);
  listen("status", on.status);
  listen("cleared", on.cleared);
  return () => source.close();
}
