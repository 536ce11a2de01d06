/**
 * Asks the node for its status every two seconds, as long as somebody looks at the page, and says
 * what came: a document, that the token is wrong, or that nobody answers. It never gives up.
 */
import { statusVersion, type StatusDocument } from "../../../health/status-document.ts";

const everyMs = 2_000;
const answerTimeoutMs = 5_000;

export interface StatusEvents {
  status(document: StatusDocument): void;
  /** The node does not know the token. */
  refused(): void;
  /** No answer, or none of use; why in words. */
  failed(why: string): void;
}

export class StatusPoll {
  readonly #events: StatusEvents;
  #token = "";
  #timer: number | undefined;
  /** Of the present token: answers to another one's requests are not listened to. */
  #turn = 0;

  constructor(events: StatusEvents) {
    this.#events = events;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#token !== "") void this.#ask();
    });
  }

  start(token: string): void {
    this.#token = token;
    void this.#ask();
  }

  stop(): void {
    this.#token = "";
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    const tell = await fetchStatus(this.#token);
    if (turn !== this.#turn) return;
    this.#timer = setTimeout(() => {
      if (!document.hidden) void this.#ask();
    }, everyMs);
    tell(this.#events);
  }
}

async function fetchStatus(token: string): Promise<(events: StatusEvents) => void> {
  try {
    const answer = await fetch("api/status", {
      headers: { authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    if (answer.status === 401) return (events) => events.refused();
    if (answer.status === 429) return (events) => events.failed("too many wrong tokens were tried");
    if (!answer.ok) return (events) => events.failed(`the node answers with ${answer.status}`);
    const status = (await answer.json()) as StatusDocument;
    // An older page in a tab that has been open over an upgrade of the node.
    const isKnown = (status.version as number) === statusVersion;
    if (!isKnown) return (events) => events.failed("the node is newer: load this page again");
    return (events) => events.status(status);
  } catch {
    // The node is gone, or the network is: said in the page, and asked again.
    return (events) => events.failed("no answer");
  }
}
