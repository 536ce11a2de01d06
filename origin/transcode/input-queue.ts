/**
 * What waits for the encoder, bounded in bytes and in time of media: of a slow stream the bytes
 * alone would be most of a minute, by which its viewers would fall behind before anybody is told.
 */
import { Transform, type TransformCallback } from "node:stream";

/** Media that may wait; an encoder that keeps up has a few pictures waiting. */
export const inputQueueMediaMsMax = 2_000;

export class InputQueue extends Transform {
  readonly #room: () => void;
  /** Media time of each piece that waits. */
  readonly #timesMs: number[] = [];
  #newestMs = 0;
  #oldestMs = 0;
  #isFull = false;

  /** Calls `room` when there is room again after there was none. */
  constructor({ bytesMax, room }: { bytesMax: number; room: () => void }) {
    super({ writableHighWaterMark: bytesMax, readableHighWaterMark: 65_536 });
    this.#room = room;
    this.on("drain", () => this.#look());
  }

  /** Takes a piece with the time of its media; whether there is room for more. */
  offer(bytes: Uint8Array, mediaMs: number): boolean {
    this.#timesMs.push(mediaMs);
    this.#newestMs = mediaMs;
    const hasRoom = this.write(bytes);
    if (!hasRoom || this.#newestMs - this.#oldestMs > inputQueueMediaMsMax) this.#isFull = true;
    return !this.#isFull;
  }

  override _transform(bytes: Uint8Array, _encoding: string, done: TransformCallback): void {
    this.#oldestMs = this.#timesMs.shift() ?? this.#oldestMs;
    done(null, bytes);
    this.#look();
  }

  #look(): void {
    const waitingMs = this.#newestMs - this.#oldestMs;
    if (!this.#isFull || this.writableNeedDrain || waitingMs > inputQueueMediaMsMax / 2) return;
    this.#isFull = false;
    this.#room();
  }
}
