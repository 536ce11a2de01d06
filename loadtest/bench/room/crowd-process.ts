/** The viewers of bench/room.ts, in a process and on a core of their own (crowd.ts). */
import { sourceArguments } from "../../wire/child-program.ts";
import { startOnCore } from "../harness/processes.ts";
import { printedPort } from "./contenders.ts";
import type { CrowdTarget } from "./crowd-sockets.ts";

const clientCore = 1;

export interface Crowd {
  /** Resolves when all are welcomed. */
  join(target: CrowdTarget): Promise<unknown>;
  /** Each says this. */
  say(text: string): Promise<unknown>;
  forget(): Promise<unknown>;
  /** When a message with this mark came to those of the sample, in Unix ms; waits for all of them. */
  arrivals(mark: string): Promise<number[]>;
  /** Fails unless everybody had as many messages, the welcome included. */
  readAll(messageCount: number): Promise<unknown>;
  leave(): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startCrowd(): Promise<Crowd> {
  const source = new URL("./crowd.ts", import.meta.url);
  const program = startOnCore(clientCore, process.execPath, sourceArguments(source));
  const port = await printedPort(program);
  const call = async (path: string, body: unknown = {}): Promise<unknown> => {
    const url = `http://127.0.0.1:${port}${path}`;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`the crowd's ${path}: ${text}`);
    return JSON.parse(text);
  };
  return {
    join: (target) => call("/join", target),
    say: (text) => call("/say", { text }),
    forget: () => call("/forget"),
    arrivals: async (mark) => (await call("/arrivals", { mark })) as number[],
    readAll: (messageCount) => call("/read", { messageCount }),
    leave: () => call("/leave"),
    stop: () => program.stop(),
  };
}
