/**
 * One RTMP socket: carries bytes between it and the pure session, and ends it so that the last
 * words arrive. A peer's fault ends this socket and nothing else.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Clock } from "../../src/base/clock.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import { PublishSession } from "../../src/rtmp/publish-session.ts";
import { statusCodes, type StatusCode } from "../../src/rtmp/replies.ts";
import type { SessionEnd, SessionLimits } from "../../src/rtmp/session-event.ts";

/** Answers that the peer does not read; honest ones are a few hundred bytes (arbitrary). */
const unreadBytesMax = 262_144;
/**
 * After its end a socket may take this long to take the last words: with a tick of 250 ms on top it
 * is gone within the second that a take-over has. What comes meanwhile is read and thrown away: a
 * socket that is closed with unread input sends a reset, which overtakes our words.
 */
const closingMsMax = 500;
const keepAliveDelayMs = 15_000;

export interface PublishRefusal {
  ok: false;
  /** For the log. */
  end: SessionEnd;
  /** For the peer. */
  told: { code: StatusCode; description: string };
  /** The peer is told only after this time; what it sends meanwhile is thrown away. */
  delayMs?: number;
}

/** Whether a key may publish. */
export type PublishVerdict = { ok: true; started: () => void } | PublishRefusal;

export interface ConnectionHandlers {
  received(byteCount: number): void;
  publish(request: { streamKey: string; encoder: string }): PublishVerdict;
  tag(tag: FlvTag): void;
  /** Once, when the session is over; the socket may still be closing. */
  ended(end: SessionEnd): void;
  /** Once, when the socket is gone. */
  closed(): void;
}

export class RtmpConnection {
  readonly remote: string;
  readonly address: string;
  readonly #socket: Socket;
  readonly #session: PublishSession;
  readonly #clock: Clock;
  readonly #handlers: ConnectionHandlers;
  #closingSinceMs: number | undefined;
  #delayed: { refusal: PublishRefusal; untilMs: number } | undefined;
  #paused = false;

  constructor(options: {
    socket: Socket;
    application: string;
    limits: SessionLimits;
    clock: Clock;
    handlers: ConnectionHandlers;
  }) {
    const { socket, clock } = options;
    this.#socket = socket;
    this.#clock = clock;
    this.#handlers = options.handlers;
    this.address = socket.remoteAddress ?? "unknown";
    this.remote = `${this.address}:${socket.remotePort ?? 0}`;
    this.#session = new PublishSession({
      application: options.application,
      limits: options.limits,
      nowMs: clock.nowMs(),
      random: randomBytes(64),
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveDelayMs);
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("end", () => this.end({ code: "peer-closed", reason: "closed the connection" }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const reason = `lost the connection (${error.code ?? error.message})`;
      this.end({ code: "peer-closed", reason });
    });
    socket.on("close", () => {
      this.end({ code: "peer-closed", reason: "closed the connection" });
      this.#handlers.closed();
    });
  }

  get isClosing(): boolean {
    return this.#closingSinceMs !== undefined;
  }

  get isPublishing(): boolean {
    return this.#session.isPublishing;
  }

  /** Whether it was reading until now. */
  pause(): boolean {
    if (this.#paused || this.isClosing) return false;
    this.#paused = true;
    this.#socket.pause();
    return true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#session.excuseSilence(this.#clock.nowMs());
    this.#socket.resume();
  }

  /** Checks the deadlines. */
  tick(nowMs: number): void {
    if (this.#closingSinceMs !== undefined) {
      if (nowMs - this.#closingSinceMs >= closingMsMax) this.#socket.destroy();
      return;
    }
    if (this.#delayed !== undefined) {
      const { refusal, untilMs } = this.#delayed;
      if (nowMs >= untilMs) this.end(refusal.end);
      return;
    }
    if (this.#paused) this.#session.excuseSilence(nowMs);
    this.#session.tick(nowMs);
    this.#drain();
  }

  /**
   * Ends the session and, once the last words are sent, the socket. Who was refused, but not yet
   * told, ends by that refusal, whatever came first.
   */
  end(end: SessionEnd, told?: { code: StatusCode; description: string }): void {
    const refusal = this.#delayed?.refusal;
    this.#delayed = undefined;
    this.#session.end(refusal?.end ?? end, refusal?.told ?? told);
    this.#drain();
  }

  /** Ends the session and the socket at once. */
  destroy(end: SessionEnd): void {
    this.end(end);
    this.#socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    this.#handlers.received(bytes.length);
    if (this.isClosing || this.#delayed !== undefined) return;
    this.#session.push(bytes, this.#clock.nowMs());
    // Many small answers, such as to a flood of pings, go out in one write.
    this.#socket.cork();
    this.#drain();
    this.#socket.uncork();
  }

  /** Performs what the session decided. May be entered again from a handler; then it is done there. */
  #drain(): void {
    while (this.#delayed === undefined) {
      const event = this.#session.next();
      if (event === undefined) return;
      switch (event.kind) {
        case "send":
          this.#send(event.bytes);
          break;
        case "publish":
          this.#decide(this.#handlers.publish(event));
          break;
        case "tag":
          this.#handlers.tag(event.tag);
          break;
        case "end":
          this.#close(event.end);
          break;
      }
    }
  }

  #decide(verdict: PublishVerdict): void {
    if (!verdict.ok) {
      const { delayMs = 0 } = verdict;
      if (delayMs === 0) this.#session.end(verdict.end, verdict.told);
      else this.#delayed = { refusal: verdict, untilMs: this.#clock.nowMs() + delayMs };
      return;
    }
    this.#session.accept();
    verdict.started();
  }

  #send(bytes: Uint8Array): void {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > unreadBytesMax) {
      this.#session.end({ code: "limit", reason: "does not read the answers" });
    }
  }

  #close(end: SessionEnd): void {
    this.#closingSinceMs = this.#clock.nowMs();
    this.#handlers.ended(end);
    this.#paused = false;
    this.#socket.resume();
    this.#socket.end();
  }
}

/** What a peer is told that has to go because of its media. */
export function mediaRefusal(reason: string): { code: StatusCode; description: string } {
  return { code: statusCodes.rejected, description: `The media cannot be used: ${reason}.` };
}
