/** A log for tests that keeps its lines, and tells when one comes. */
import type { Config } from "../../config/schema.ts";
import { createLog, type Log } from "../log.ts";

export type LogLine = Record<string, unknown>;

export class CapturedLog {
  readonly log: Log;
  /** As they would be written. */
  readonly texts: string[] = [];
  readonly #wake = new Set<() => void>();

  constructor(
    options: { node?: string; tier?: string; level?: string } & Partial<Config["log"]> = {},
  ) {
    const { node = "test", level = "info", tier, accessLinesPerSec = 0 } = options;
    const stream = {
      write: (text: string): void => {
        this.texts.push(text);
        for (const wake of [...this.#wake]) wake();
      },
    };
    const own = tier === undefined ? {} : { tier };
    this.log = createLog({ ...{ level, node, accessLinesPerSec, stream }, ...own });
  }

  get lines(): LogLine[] {
    return this.texts.map((text) => JSON.parse(text) as LogLine);
  }

  /** The lines with this message. */
  said(msg: string): LogLine[] {
    return this.lines.filter((line) => line["msg"] === msg);
  }

  /** Resolves with the first line that the condition holds for, once there is one. */
  async until(isIt: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(isIt);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wake.delete(wake);
          resolve();
        };
        this.#wake.add(wake);
      });
    }
  }
}
