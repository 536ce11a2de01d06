/**
 * One encoder from its start to its end, as whoever feeds it sees it: tags may be written at once,
 * although starting takes a moment, and the publisher is slowed down when either queue is full.
 */
import type { Transcoder } from "../transcode/media-source.ts";

export interface EncoderRunOptions {
  /** Resolves when the encoder takes input. */
  start: () => Promise<Transcoder>;
  /** Bytes held until then; past it there is no room. */
  queueBytesMax: number;
  /** There is room again. */
  drained: () => void;
  /** It could not be started. */
  failed: (message: string) => void;
  /** It was told to stop, and is gone when this resolves. */
  stopping: (stopped: Promise<void>) => void;
}

export class EncoderRun {
  readonly #options: EncoderRunOptions;
  readonly #started: Promise<void>;
  #transcoder: Transcoder | undefined;
  #queue: Uint8Array[] = [];
  #queueBytes = 0;
  #full = false;
  #ended = false;

  constructor(options: EncoderRunOptions) {
    this.#options = options;
    this.#started = options.start().then(
      (transcoder) => this.#flush(transcoder),
      (error: unknown) => {
        this.#queue = [];
        options.failed(error instanceof Error ? error.message : String(error));
      },
    );
  }

  /** Whether there is room for more; when not, `drained` follows. */
  write(bytes: Uint8Array): boolean {
    if (this.#ended) return true;
    if (this.#transcoder !== undefined) return this.#transcoder.write(bytes);
    this.#queue.push(bytes);
    this.#queueBytes += bytes.length;
    if (this.#queueBytes > this.#options.queueBytesMax) this.#full = true;
    return !this.#full;
  }

  /** No more input: what was written is encoded, then the encoder exits, or is made to. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#transcoder?.end();
    this.#options.stopping(this.#started.then(() => this.#transcoder?.stop()));
  }

  #flush(transcoder: Transcoder): void {
    this.#transcoder = transcoder;
    let room = true;
    for (const bytes of this.#queue) room = transcoder.write(bytes);
    this.#queue = [];
    if (this.#ended) transcoder.end();
    // Without room the encoder itself says when it is drained.
    if (this.#full && room) this.#options.drained();
  }
}
