/**
 * Publishes the test card over real RTMP with a key of its own, whenever nobody else publishes. The
 * encoder is a child process; when the origin or this process goes, its connection breaks and it
 * ends by itself.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { canDrawText, testCardArguments } from "../src/node/test-card.ts";
import { TestCardPolicy } from "./test-card-policy.ts";

/** How often the runner looks whether it may publish again. */
const lookMs = 1_000;
/** After as many failures in a row it says what the encoder said, once. */
const failuresToReport = 3;

export interface TestCardOptions {
  ffmpegPath: string;
  /** rtmp://…/application/key, asked at each start. */
  url: () => string | undefined;
  /** Whether somebody else publishes now; undefined when the origin does not say. */
  othersPublish: () => Promise<boolean | undefined>;
  say: (line: string) => void;
}

export class TestCard {
  readonly #options: TestCardOptions;
  readonly #stopping = new AbortController();
  readonly #policy = new TestCardPolicy();
  readonly #ended: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(options: TestCardOptions) {
    this.#options = options;
    process.on("exit", this.#kill);
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // Not by an interrupt: ffmpeg would wait for the origin's answer to its good-bye.
    this.#kill();
    await this.#ended;
    process.off("exit", this.#kill);
  }

  readonly #kill = (): void => {
    this.#child?.kill("SIGKILL");
  };

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const text = await canDrawText(this.#options.ffmpegPath);
    while (!signal.aborted) {
      const othersPublish = (await this.#options.othersPublish()) ?? true;
      const url = this.#options.url();
      if (
        url !== undefined &&
        !this.#isStopping() &&
        this.#policy.mayStart({ nowMs: performance.now(), othersPublish })
      ) {
        await this.#publish(testCardArguments({ url, text }));
      } else await delay(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #publish(args: string[]): Promise<void> {
    const startMs = performance.now();
    const child = spawn(this.#options.ffmpegPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    let lastWords = "";
    child.stderr.setEncoding("utf8").on("data", (words: string) => {
      lastWords = (lastWords + words).slice(-1_000);
    });
    // Not by once(child, "exit"), which rejects when the program cannot be started.
    await new Promise<void>((resolve) => {
      child.on("exit", () => resolve());
      child.on("error", (error) => {
        lastWords = error.message;
        resolve();
      });
    });
    this.#child = undefined;
    const nowMs = performance.now();
    this.#policy.ended({ nowMs, ranMs: nowMs - startMs });
    if (this.#policy.failureCount === failuresToReport && !this.#isStopping()) {
      const last = withoutKey(lastWords.trim().split("\n").at(-1) ?? "");
      this.#options.say(`the test card does not get through (${last}); it is tried again`);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }
}

/** The URL as ffmpeg repeats it ends with a key, which is nobody's to read. */
export function withoutKey(words: string): string {
  return words.replace(/(rtmps?:\/\/[^\s/]+\/[^\s/]+\/)[\w~.%+-]*[\w~%-]/g, "$1KEY");
}
