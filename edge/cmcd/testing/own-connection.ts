/** One client with one connection of its own, as fetch does not promise: it shares them out. */
import { Agent, request } from "node:http";

export interface OwnAnswer {
  status: number;
  body: Buffer;
}

export class OwnConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #baseUrl: string;
  readonly #localAddress: string;

  /** All of 127.0.0.0/8 is this machine, so an edge can be shown other addresses. */
  constructor(baseUrl: string, localAddress = "127.0.0.1") {
    this.#baseUrl = baseUrl;
    this.#localAddress = localAddress;
  }

  get(path: string): Promise<OwnAnswer> {
    return this.#ask(path);
  }

  postCmcd(body: string): Promise<OwnAnswer> {
    return this.#ask("/cmcd", body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(path: string, body?: string): Promise<OwnAnswer> {
    const isPost = body !== undefined;
    return new Promise((resolve, reject) => {
      const asked = request(this.#baseUrl + path, {
        agent: this.#agent,
        localAddress: this.#localAddress,
        method: isPost ? "POST" : "GET",
        headers: isPost
          ? { "Content-Type": "application/cmcd", "Content-Length": Buffer.byteLength(body) }
          : {},
      });
      asked.on("error", reject);
      asked.on("response", (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }),
        );
      });
      asked.end(body);
    });
  }
}
