/** A child's log on disk: two files of bounded size, the newer one without a suffix. */
import { appendFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { attemptWrite, makeFolder } from "../src/node/make-folder.ts";

/** Days of a quiet node, minutes of a noisy one; arbitrary. */
const fileBytesMax = 8_388_608;

export class LogFile {
  readonly path: string;
  #bytes: number;
  #isFailing = false;

  /** Throws STATE_UNUSABLE when its folder cannot be made. */
  constructor(path: string) {
    this.path = path;
    const folder = dirname(path);
    this.#bytes = attemptWrite(folder, "choose another folder with --state", () => {
      makeFolder(folder);
      return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    });
  }

  /**
   * A full disk must not end a broadcast: the line is lost. Returns what is wrong, in words, when
   * that begins.
   */
  append(line: string): string | undefined {
    try {
      this.#write(line);
      this.#isFailing = false;
      return undefined;
    } catch (error) {
      const isNew = !this.#isFailing;
      this.#isFailing = true;
      return isNew ? (error instanceof Error ? error.message : String(error)) : undefined;
    }
  }

  #write(line: string): void {
    if (this.#bytes > fileBytesMax) {
      rmSync(`${this.path}.1`, { force: true });
      renameSync(this.path, `${this.path}.1`);
      this.#bytes = 0;
    }
    const text = `${line}\n`;
    appendFileSync(this.path, text);
    this.#bytes += Buffer.byteLength(text);
  }
}
