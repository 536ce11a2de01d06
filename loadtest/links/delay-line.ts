/**
 * One viewer's uplink: what the viewer sends is there after the path's delay, at any rate, for
 * requests are small. It knows no sockets.
 */
import { Timer, type Schedule } from "./schedule.ts";

export interface DelayLineOptions {
  schedule: Schedule;
  delayUs: number;
  /** Before this the viewer could not have sent anything: its connection was being set up. */
  openUs: number;
  forward: (bytes: Uint8Array) => void;
  /** All has been forwarded and nothing more comes. */
  ended: () => void;
}

export class DelayLine {
  /** Bytes that the viewer has sent and that are not forwarded yet. */
  waitingBytes = 0;
  readonly #options: DelayLineOptions;
  readonly #timer = new Timer((dueUs) => this.#arrive(dueUs));
  readonly #sent: { bytes: Uint8Array; dueUs: number }[] = [];
  #endUs = Infinity;

  constructor(options: DelayLineOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array, atUs: number): void {
    this.#sent.push({ bytes, dueUs: this.#dueUs(atUs) });
    this.waitingBytes += bytes.length;
    this.#wait();
  }

  /** The viewer sends no more. */
  end(atUs: number): void {
    this.#endUs = this.#dueUs(atUs);
    this.#wait();
  }

  close(): void {
    this.#options.schedule.cancel(this.#timer);
    this.#sent.length = 0;
    this.waitingBytes = 0;
    this.#endUs = Infinity;
  }

  #dueUs(atUs: number): number {
    return Math.max(atUs, this.#options.openUs) + this.#options.delayUs;
  }

  #wait(): void {
    const nextUs = this.#sent[0]?.dueUs ?? this.#endUs;
    if (nextUs < Infinity) this.#options.schedule.set(this.#timer, nextUs);
  }

  #arrive(dueUs: number): void {
    while (this.#sent.length > 0 && this.#sent[0]!.dueUs <= dueUs) {
      const { bytes } = this.#sent.shift()!;
      this.waitingBytes -= bytes.length;
      this.#options.forward(bytes);
    }
    if (this.#sent.length === 0 && this.#endUs <= dueUs) {
      this.#endUs = Infinity;
      this.#options.ended();
    } else this.#wait();
  }
}
