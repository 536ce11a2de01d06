/** What the encoder and a replay have in common for whoever packages their fragments. */

export interface TrackHooks {
  /**
   * Bytes of one single-track fragmented MP4 stream, in order. Tracks 0 to n-1 are the video rungs
   * in ladder order, track n is the sound. The bytes are the receiver's to keep.
   */
  trackBytes(trackIndex: number, bytes: Uint8Array): void;
}

export interface TranscoderHooks extends TrackHooks {
  /** The input queue has room again, after a write() that returned false. */
  drained(): void;
  /**
   * The encoder is gone and every byte it made has been handed over; nothing follows. Called once.
   * `expected` is true when end() or stop() was called before and it ended in good order.
   */
  exited(exit: { expected: boolean; message: string }): void;
}

export interface TranscoderStats {
  framesPerSec: number;
  /** Media time made per time passed; below 1 the encoder does not keep up. */
  speedRatio: number;
  droppedFrames: number;
  duplicatedFrames: number;
}

export interface Transcoder {
  /** Takes a piece of an FLV stream (file header first); false: hold on until drained(). */
  write(bytes: Uint8Array): boolean;
  /** No more input: the encoder makes what it has and exits. */
  end(): void;
  /** As end(), then SIGTERM and SIGKILL when it takes too long; resolves after exited(). */
  stop(): Promise<void>;
  stats(): TranscoderStats;
}
