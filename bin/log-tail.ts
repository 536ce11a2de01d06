/**
 * Reads a log that grows, and begins anew when it is full (bin/log-file.ts): what was written since
 * the last look, the end of the file that was put aside included.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, readFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

const chunkBytes = 65_536;

export class LogTail {
  readonly #path: string;
  #decoder = new StringDecoder("utf8");
  #fd: number | undefined;
  #inode = 0;
  #at = 0;
  #begun = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Whole lines since the last call; at the first, those of the file put aside as well. */
  read(): string[] {
    const isFirst = this.#fd === undefined;
    const before = isFirst && existsSync(`${this.#path}.1`) ? linesOf(`${this.#path}.1`) : [];
    const rest = isFirst ? [] : this.#rest();
    return [...before, ...rest, ...(this.#reopen() ? this.#rest() : [])];
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Whether another file stands under the name now; the one read so far is read to its end then. */
  #reopen(): boolean {
    let fd: number;
    try {
      fd = openSync(this.#path, "r");
    } catch (error) {
      // Between being put aside and being made anew, or before its node ever ran.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
    const inode = fstatSync(fd).ino;
    if (this.#fd !== undefined && inode === this.#inode) {
      closeSync(fd);
      return false;
    }
    this.close();
    this.#fd = fd;
    this.#inode = inode;
    this.#at = 0;
    this.#begun = "";
    this.#decoder = new StringDecoder("utf8");
    return true;
  }

  #rest(): string[] {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      const byteCount = readSync(this.#fd!, chunk, 0, chunkBytes, this.#at);
      if (byteCount === 0) break;
      this.#at += byteCount;
      this.#begun += this.#decoder.write(chunk.subarray(0, byteCount));
    }
    const lines = this.#begun.split("\n");
    this.#begun = lines.pop()!;
    return lines;
  }
}

function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").split("\n");
}
