/**
 * A viewer for tests: fetches a live feed from a real edge over a line of its own rate, plays in
 * real time, counts its stalls exactly, and reports them by CMCD in one way or another.
 */
import { setTimeout as pause } from "node:timers/promises";
import { OwnConnection, type OwnAnswer } from "./own-connection.ts";

export interface ScriptedViewerOptions {
  edgeUrl: string;
  sid: string;
  /** `events`: states as posted; `counts`: every third event is lost, sums make up; `query`: version 1. */
  reports: "events" | "counts" | "query";
  /** Rate of its line after so many milliseconds. */
  kbpsAt: (elapsedMs: number) => number;
  segmentMs: number;
  localAddress?: string;
}

const startSegmentCount = 2;

export class ScriptedViewer {
  stallCount = 0;
  stallMs = 0;
  playMs = 0;
  readonly #options: ScriptedViewerOptions;
  readonly #line: OwnConnection;
  readonly #startMs = performance.now();
  #bufferMs = 0;
  #state: "s" | "p" | "r" | "q" = "s";
  #sinceMs = performance.now();
  #runningOut: NodeJS.Timeout | undefined;
  #isStarved = false;
  #lines: string[] = [];
  #lineCount = 0;
  #posting: Promise<void> = Promise.resolve();

  constructor(options: ScriptedViewerOptions) {
    this.#options = options;
    this.#line = new OwnConnection(options.edgeUrl, options.localAddress);
    this.#report();
  }

  /** Watches until told to stop, then says its last words. */
  async watch(until: AbortSignal): Promise<void> {
    let msn = (await this.#newestMsn()) - startSegmentCount;
    while (!until.aborted) {
      if ((await this.#newestMsn()) > msn) {
        msn += 1;
        await this.#download(msn);
        this.#arrived();
      } else await pause(this.#options.segmentMs / 4);
    }
    clearTimeout(this.#runningOut);
    this.#enter("q");
    await this.#posting;
    if (this.#lines.length > 0) await this.#post();
    this.#line.close();
  }

  async #newestMsn(): Promise<number> {
    const text = (await this.#get("300/index.m3u8")).body.toString();
    return Number(/-(\d+)\.m4s\n$/.exec(text)![1]);
  }

  async #download(msn: number): Promise<void> {
    const { byteLength } = (await this.#get(`300/7-${msn}.m4s`)).body;
    const kbps = this.#options.kbpsAt(performance.now() - this.#startMs);
    await pause((byteLength * 8) / kbps);
  }

  #get(path: string): Promise<OwnAnswer> {
    const { reports, sid } = this.#options;
    const starved = this.#isStarved ? ",bs" : "";
    const startup = this.#state === "p" ? "" : ",su";
    const bufferMs = Math.round(this.#leftMs() / 100) * 100;
    const isQueryAll = reports === "query";
    const cmcd = isQueryAll ? `bl=${bufferMs}${starved},sid="${sid}"${startup}` : `sid="${sid}"`;
    if (isQueryAll) this.#isStarved = false;
    return this.#line.get(`/live/main/${path}?CMCD=${encodeURIComponent(cmcd)}`);
  }

  #leftMs(): number {
    if (this.#state !== "p") return this.#bufferMs;
    return Math.max(0, this.#bufferMs - (performance.now() - this.#sinceMs));
  }

  #arrived(): void {
    const leftMs = this.#leftMs() + this.#options.segmentMs;
    const isEnough = leftMs >= startSegmentCount * this.#options.segmentMs;
    if (this.#state === "p" || isEnough || this.#state === "r") this.#enter("p");
    this.#bufferMs = leftMs;
    if (this.#state !== "p") return;
    clearTimeout(this.#runningOut);
    this.#runningOut = setTimeout(() => this.#enter("r"), leftMs);
  }

  #enter(state: "p" | "r" | "q"): void {
    const nowMs = performance.now();
    const passedMs = nowMs - this.#sinceMs;
    if (this.#state === "p") this.playMs += passedMs;
    if (this.#state === "r") this.stallMs += passedMs;
    this.#sinceMs = nowMs;
    if (state === this.#state) return;
    this.#state = state;
    if (state === "r") {
      this.stallCount += 1;
      this.#isStarved = true;
      this.#bufferMs = 0;
    }
    this.#report();
  }

  #report(): void {
    const { reports, sid } = this.#options;
    if (reports === "query") return;
    this.#lineCount += 1;
    if (reports === "counts" && this.#lineCount % 3 === 0 && this.#state !== "q") return;
    const sums = `bsa=(${this.stallCount}),bsda=(${Math.round(this.stallMs)})`;
    this.#lines.push(
      `${sums},e=ps,sid="${sid}",sta=${this.#state},ts=${Math.round(Date.now())},v=2`,
    );
    this.#posting = this.#posting.then(() => this.#post());
  }

  /** As players do it: what was refused for now goes with the next. */
  async #post(): Promise<void> {
    const lines = this.#lines.splice(0);
    if (lines.length === 0) return;
    const answer = await this.#line.postCmcd(lines.join("\n"));
    if (answer.status === 429) this.#lines.unshift(...lines);
  }
}
