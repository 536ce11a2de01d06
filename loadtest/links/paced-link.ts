/**
 * One viewer's downlink: what the edge sends arrives after the path's delay and then at its rate, in
 * pieces that are due when the last byte of each would be there. Pieces follow one another by their
 * due instants, so that a body ends when it would, however late single pieces go out; idle time
 * earns nothing. It knows no sockets: bytes go in with their instants and come out by `send`.
 */
import type { PathRate } from "./path-rate.ts";
import { Timer, type Schedule } from "./schedule.ts";
import type { Flow, SharedBucket } from "./shared-bucket.ts";

/** A head, more or less: the first byte is there early. */
const firstPieceBytes = 512;
/** Longer ones would cost little less (200 ms: a sixth), and a viewer who leaves gets parts. */
const pieceMs = 100;
const pieceBytesMin = 4_096;

export interface PacedLinkOptions {
  schedule: Schedule;
  rate: PathRate;
  /** The class's, for the length of pieces. */
  kbps: number;
  /** From the edge to the viewer, us. */
  delayUs: number;
  /** Of the edge; undefined: only the path limits. */
  bucket: SharedBucket | undefined;
  /** What an answer over an idle link begins with takes no time; see plan.ts. */
  freeHeadBytes?: number;
  send: (bytes: Uint8Array, dueUs: number) => void;
  /** All pieces of what was pushed once have been sent. */
  released?: (pushed: Uint8Array) => void;
  /** All has been sent and nothing more comes. */
  ended: () => void;
}

interface Arrival {
  bytes: Uint8Array;
  /** First byte not sent yet. */
  at: number;
  readyUs: number;
}

export class PacedLink implements Flow {
  readonly rate: PathRate;
  readonly timer = new Timer((dueUs) => this.#passed(dueUs));
  bitsLeft = 0;
  fromUs = 0;
  bitsPerUs = 0;
  place = -1;
  /** Bytes that have arrived and not been sent. */
  waitingBytes = 0;
  readonly #options: PacedLinkOptions;
  readonly #pieceBytes: number;
  readonly #arrivals: Arrival[] = [];
  /** Of the piece under way; 0 when there is none. */
  #underWayBytes = 0;
  /** When the last piece had passed. */
  #freeUs = 0;
  /** When the end of the stream is there. */
  #endUs = Infinity;
  #isHeld = false;
  #isClosed = false;

  constructor(options: PacedLinkOptions) {
    this.#options = options;
    this.rate = options.rate;
    this.#pieceBytes = Math.max(pieceBytesMin, Math.round((options.kbps * pieceMs) / 8));
  }

  /** The edge has sent `bytes`; they are kept, not copied. */
  push(bytes: Uint8Array, atUs: number): void {
    if (bytes.length === 0) return;
    this.#arrivals.push({ bytes, at: 0, readyUs: atUs + this.#options.delayUs });
    this.waitingBytes += bytes.length;
    this.#begin();
  }

  /** The edge sends no more. */
  end(atUs: number): void {
    this.#endUs = atUs + this.#options.delayUs;
    this.#begin();
  }

  /** The viewer takes nothing for now: the link stands still after this piece. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The viewer takes data again. */
  resume(nowUs: number): void {
    this.#isHeld = false;
    this.#freeUs = Math.max(this.#freeUs, nowUs);
    this.#begin();
  }

  /** Nothing more is sent; returns the bytes that were waiting. */
  close(): number {
    const { schedule, bucket } = this.#options;
    this.#isClosed = true;
    schedule.cancel(this.timer);
    bucket?.remove(this);
    const dropped = this.waitingBytes;
    this.#arrivals.length = 0;
    this.waitingBytes = 0;
    return dropped;
  }

  /** Begins the next piece, if there is one and nothing else is under way. */
  #begin(): void {
    if (this.#underWayBytes > 0 || this.#isHeld || this.#isClosed) return;
    const { schedule, bucket } = this.#options;
    const next = this.#arrivals[0];
    if (next === undefined) {
      if (this.#endUs < Infinity) schedule.set(this.timer, Math.max(this.#freeUs, this.#endUs));
      return;
    }
    const startUs = Math.max(this.#freeUs, next.readyUs);
    const { freeHeadBytes = 0 } = this.#options;
    const isFree = freeHeadBytes > 0 && next.at === 0 && next.readyUs >= this.#freeUs;
    const bytes = isFree ? Math.min(freeHeadBytes, next.bytes.length) : this.#nextPieceBytes(next);
    this.#underWayBytes = bytes;
    if (isFree) schedule.set(this.timer, startUs);
    else if (bucket !== undefined) bucket.begin(this, startUs, 8 * bytes);
    else schedule.set(this.timer, this.rate.endUs(startUs, 8 * bytes));
  }

  #nextPieceBytes(next: Arrival): number {
    const left = next.bytes.length - next.at;
    if (left <= this.#pieceBytes) return left;
    if (next.at === 0 && next.readyUs >= this.#freeUs) return firstPieceBytes;
    // All of about the same length: no scrap is left at the end.
    return Math.ceil(left / Math.round(left / this.#pieceBytes));
  }

  #passed(dueUs: number): void {
    const bytes = this.#underWayBytes;
    this.#freeUs = dueUs;
    if (bytes === 0) {
      this.#endUs = Infinity;
      this.#isClosed = true;
      this.#options.ended();
      return;
    }
    const from = this.#arrivals[0]!;
    const piece = from.bytes.subarray(from.at, from.at + bytes);
    from.at += bytes;
    this.#underWayBytes = 0;
    this.waitingBytes -= bytes;
    this.#options.send(piece, dueUs);
    if (from.at === from.bytes.length) {
      this.#arrivals.shift();
      this.#options.released?.(from.bytes);
    }
    this.#begin();
  }
}
