/** The simulation server as a child process, asked as a load test asks it. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const launcher = resolve(import.meta.dirname, "../../../../bin/fullhouse.mjs");

export interface Reply {
  status: number;
  text: string;
  /** The body read as JSON. */
  json: Record<string, unknown>;
}

export class StartedServer {
  readonly child: ChildProcess;
  readonly url: string;
  readonly #folder: string;

  static async start(): Promise<StartedServer> {
    const folder = mkdtempSync(join(tmpdir(), "fullhouse-sim-"));
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    const child = fork(launcher, ["sim-server", "--state", folder], { stdio: [...stdio] });
    await once(child, "message");
    return new StartedServer(child, folder);
  }

  private constructor(child: ChildProcess, folder: string) {
    this.child = child;
    this.#folder = folder;
    const ready = readFileSync(join(folder, "ready.json"), "utf8");
    const { control } = (JSON.parse(ready) as { ready: { control: number } }).ready;
    this.url = `http://127.0.0.1:${control}`;
  }

  /** GET without a body, POST with one. */
  async ask(path: string, body?: unknown, init: RequestInit = {}): Promise<Reply> {
    const post = {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json" },
    };
    const response = await fetch(`${this.url}${path}`, {
      ...(body === undefined ? {} : post),
      ...init,
    });
    const text = await response.text();
    return { status: response.status, text, json: JSON.parse(text) as Record<string, unknown> };
  }

  /** Makes a run and gives its path; throws what the server says otherwise. */
  async make(body: Record<string, unknown>): Promise<string> {
    const { status, text, json } = await this.ask("/sim/runs", body);
    if (status !== 201) throw new Error(text);
    return `/sim/runs/${String(json["id"])}`;
  }

  /** Asks for the state until it is as wanted. */
  async until(
    run: string,
    isWanted: (stats: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    for (;;) {
      const { json } = await this.ask(`${run}/stats?since=0`);
      if (isWanted(json)) return json;
      if (!["created", "running"].includes(String(json["state"])))
        throw new Error(JSON.stringify(json));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it as its parent does; gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null) {
      this.child.kill("SIGTERM");
      await once(this.child, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true });
    return this.child.exitCode;
  }
}
