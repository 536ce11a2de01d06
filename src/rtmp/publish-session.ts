/**
 * One publisher's connection as a state machine without I/O: bytes in, events out. It speaks the
 * protocol and holds every limit on the way; whether a key may publish is asked of the adapter,
 * before Publish.Start is said (SRS issue 4037: an encoder that saw Start and is then dropped
 * reconnects for ever). Use: `push` bytes, then take `next` until undefined.
 */
import { assert } from "../base/assert.ts";
import { decodeAmf0, type AmfValue } from "./amf0.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { ServerHandshake } from "./handshake.ts";
import { MediaTags } from "./media-tags.ts";
import { messageTypes, readUint32, type RtmpMessage } from "./message.ts";
import {
  acknowledgement,
  connectRefusal,
  connectResult,
  pingResponse,
  result,
  setChunkSize,
  setPeerBandwidth,
  status,
  statusCodes,
  windowAckSize,
  type StatusCode,
} from "./replies.ts";
import type { SessionEnd, SessionEndCode, SessionEvent, SessionLimits } from "./session-event.ts";

type Stage = "handshake" | "connect" | "connected" | "deciding" | "publishing" | "ended";

/** Until publish is accepted; every encoder needs less than 2 KiB (arbitrary). */
const pendingBytesMax = 65_536;
const pendingMessageBytesMax = 16_384;
const pendingPartialBytesMax = 49_152;
/** Commands of one connection; OBS sends 7 (arbitrary). */
const commandCountMax = 256;
const commandBytesMax = 65_536;
const streamKeyLengthMax = 256;
const applicationLengthMax = 512;
/** Shorter than the keys that we make. */
const applicationShownLengthMax = 16;
const ackWindowBytes = 2_500_000;
/** A smaller window would buy an answer for every few bytes (arbitrary). */
const ackWindowBytesMin = 65_536;
const outChunkSizeBytes = 65_536;

export class PublishSession {
  readonly #application: string;
  readonly #limits: SessionLimits;
  readonly #startMs: number;
  readonly #handshake: ServerHandshake;
  readonly #reader: ChunkReader;
  readonly #writer = new ChunkWriter();
  readonly #media = new MediaTags();
  readonly #events: SessionEvent[] = [];
  #stage: Stage = "handshake";
  #nowMs: number;
  #lastMediaMs = 0;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #ackWindowBytes = ackWindowBytes;
  #commandCount = 0;
  #messageStreamId = 0;
  #encoder = "";

  constructor(options: {
    application: string;
    limits: SessionLimits;
    nowMs: number;
    /** For the handshake; need not be secret. */
    random: Uint8Array;
  }) {
    this.#application = options.application;
    this.#limits = options.limits;
    this.#startMs = options.nowMs;
    this.#nowMs = options.nowMs;
    this.#handshake = new ServerHandshake(options.random);
    this.#reader = new ChunkReader({
      messageBytesMax: pendingMessageBytesMax,
      partialBytesMax: pendingPartialBytesMax,
      chunkStreamCountMax: options.limits.chunkStreamCountMax,
    });
  }

  get isPublishing(): boolean {
    return this.#stage === "publishing";
  }

  get isEnded(): boolean {
    return this.#stage === "ended";
  }

  /** Bytes held for unfinished messages. */
  get partialBytes(): number {
    return this.#reader.partialBytes;
  }

  /** The bytes must not change until `next` has returned undefined. */
  push(bytes: Uint8Array, nowMs: number): void {
    if (this.#stage === "ended") return;
    this.#nowMs = nowMs;
    this.#receivedBytes += bytes.length;
    if (this.#stage === "handshake") this.#handshake.push(bytes);
    else this.#reader.push(bytes);
    if (this.#stage !== "publishing" && this.#receivedBytes > pendingBytesMax) {
      this.#fail("limit", `sent more than ${pendingBytesMax} bytes before it published`);
    }
    this.#acknowledge();
  }

  next(): SessionEvent | undefined {
    assert(this.#stage !== "deciding", "a publish request was not answered");
    while (this.#events.length === 0 && this.#stage !== "ended") {
      if (!(this.#stage === "handshake" ? this.#stepHandshake() : this.#stepMessage())) break;
    }
    return this.#events.shift();
  }

  /** Call a few times a second; then take `next`. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    const { handshakeTimeoutMs, publishTimeoutMs, idleTimeoutMs } = this.#limits;
    const ageMs = nowMs - this.#startMs;
    if (this.#stage === "ended") return;
    if (this.#stage === "publishing") {
      if (nowMs - this.#lastMediaMs < idleTimeoutMs) return;
      this.#fail("idle-timeout", `sent no sound or picture for ${idleTimeoutMs} ms`);
    } else if (this.#stage === "handshake" && ageMs >= handshakeTimeoutMs) {
      this.#fail("handshake-timeout", `did not finish the handshake in ${handshakeTimeoutMs} ms`);
    } else if (ageMs >= publishTimeoutMs) {
      this.#fail("publish-timeout", `did not publish within ${publishTimeoutMs} ms`);
    }
  }

  /** Restarts the idle time-out: the adapter has not been reading. */
  excuseSilence(nowMs: number): void {
    this.#lastMediaMs = nowMs;
  }

  /** Lets the publish request through. */
  accept(): void {
    assert(this.#stage === "deciding", "nobody asked to publish");
    this.#stage = "publishing";
    this.#lastMediaMs = this.#nowMs;
    const { messageBytesMax, chunkStreamCountMax } = this.#limits;
    const partialBytesMax = 2 * messageBytesMax + chunkStreamCountMax * commandBytesMax;
    this.#reader.setLimits({ messageBytesMax, partialBytesMax, chunkStreamCountMax });
    this.#sendStatus(statusCodes.publishStart, "Publishing.");
  }

  /** Ends the session from our side; `code` is told to the peer, with the description. */
  end(end: SessionEnd, told?: { code: StatusCode; description: string }): void {
    if (this.#stage === "ended") return;
    if (told !== undefined && this.#messageStreamId > 0) {
      this.#sendStatus(told.code, told.description);
    }
    this.#stage = "ended";
    this.#events.push({ kind: "end", end });
  }

  #fail(code: SessionEndCode, reason: string): void {
    this.end({ code, reason }, { code: statusCodes.rejected, description: `It ${reason}.` });
  }

  #send(...messages: RtmpMessage[]): void {
    for (const message of messages) {
      this.#events.push({ kind: "send", bytes: this.#writer.write(message) });
    }
  }

  #sendStatus(code: StatusCode, description: string): void {
    this.#send(status({ messageStreamId: this.#messageStreamId, code, description }));
  }

  #acknowledge(): void {
    if (this.#stage === "handshake" || this.#stage === "ended") return;
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#ackWindowBytes) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#send(acknowledgement(this.#receivedBytes));
  }

  /** Whether to go on. */
  #stepHandshake(): boolean {
    const step = this.#handshake.next();
    switch (step.kind) {
      case "more":
        return false;
      case "answer":
        this.#events.push({ kind: "send", bytes: step.bytes });
        return true;
      case "done":
        this.#stage = "connect";
        this.#reader.push(step.rest);
        return true;
      case "fault":
        this.#fail("not-rtmp", `was not understood: ${step.reason}`);
        return true;
    }
  }

  /** Whether to go on. */
  #stepMessage(): boolean {
    const message = this.#reader.next();
    if (message !== undefined) {
      this.#take(message);
      return true;
    }
    const { fault } = this.#reader;
    if (fault !== undefined) this.#fail(fault.kind, `sent ${fault.reason}`);
    return false;
  }

  #take(message: RtmpMessage): void {
    const { typeId, payload } = message;
    switch (typeId) {
      case messageTypes.audio:
      case messageTypes.video:
      case messageTypes.dataAmf0:
      case messageTypes.dataAmf3:
        this.#takeMedia(message);
        break;
      case messageTypes.commandAmf0:
        this.#takeCommand(message, payload);
        break;
      case messageTypes.commandAmf3:
        // A byte for the encoding, then AMF0 for all that publishers say.
        this.#takeCommand(message, payload.subarray(1));
        break;
      case messageTypes.userControl:
        // Event 6 is a ping request (section 7.1.7).
        if (payload.length >= 6 && payload[0] === 0 && payload[1] === 6) {
          this.#send(pingResponse(payload));
        }
        break;
      case messageTypes.windowAckSize:
        if (payload.length >= 4) {
          this.#ackWindowBytes = Math.max(ackWindowBytesMin, readUint32(payload, 0));
        }
        break;
      case messageTypes.aggregate:
        this.#fail("protocol", "sent an aggregate message, which is not supported");
        break;
      default:
      // Acknowledgements and types that we have no use for.
    }
  }

  #takeMedia(message: RtmpMessage): void {
    if (this.#stage !== "publishing") {
      this.#fail("protocol", "sent media before it was allowed to publish");
      return;
    }
    const outcome = this.#media.read(message);
    if (outcome.kind === "unsupported") {
      const wanted = "set the encoder to H.264 video and AAC sound";
      this.end(
        { code: "codec", reason: `sends ${outcome.codec}, which is not supported: ${wanted}` },
        { code: statusCodes.rejected, description: `Unsupported ${outcome.codec}: ${wanted}.` },
      );
    } else if (outcome.kind === "tag") {
      if (outcome.tag.kind !== "script") this.#lastMediaMs = this.#nowMs;
      this.#events.push(outcome);
    }
  }

  #takeCommand(message: RtmpMessage, amf0: Uint8Array): void {
    if (++this.#commandCount > commandCountMax) {
      this.#fail("limit", `sent more than ${commandCountMax} commands`);
      return;
    }
    if (amf0.length > commandBytesMax) {
      this.#fail("limit", `sent a command of ${amf0.length} bytes`);
      return;
    }
    const decoded = decodeAmf0(amf0);
    if (!decoded.ok) {
      this.#fail("protocol", `sent a command that ${decoded.reason}`);
      return;
    }
    const [name, transaction, ...rest] = decoded.values;
    const transactionId = typeof transaction === "number" ? transaction : 0;
    if (name === "connect") this.#takeConnect(transactionId, rest[0]);
    else if (this.#stage === "connect") this.#fail("protocol", "sent a command before connect");
    else this.#takeStreamCommand(message, { name, transactionId, value: rest[1] });
  }

  #takeConnect(transactionId: number, value: AmfValue): void {
    if (this.#stage !== "connect") {
      this.#fail("protocol", "connected twice");
      return;
    }
    const application = value instanceof Map ? (value.get("app") as AmfValue) : undefined;
    const flashVer = value instanceof Map ? (value.get("flashVer") as AmfValue) : undefined;
    this.#encoder = typeof flashVer === "string" ? flashVer.slice(0, 64) : "";
    if (typeof application !== "string" || plainPath(application) !== this.#application) {
      const asked = typeof application === "string" ? nameForLog(application) : "";
      const wanted = `the server URL must end in /${this.#application}`;
      const reason = `asked for the application ${JSON.stringify(asked)}: ${wanted}`;
      this.#send(...connectRefusal(transactionId, `[ Server.Reject ] : InvalidApp: ${wanted}`));
      this.end({ code: "application", reason });
      return;
    }
    this.#stage = "connected";
    this.#send(
      windowAckSize(ackWindowBytes),
      setPeerBandwidth(ackWindowBytes),
      setChunkSize(outChunkSizeBytes),
      connectResult(transactionId),
    );
  }

  #takeStreamCommand(
    message: RtmpMessage,
    { name, transactionId, value }: { name: AmfValue; transactionId: number; value: AmfValue },
  ): void {
    switch (typeof name === "string" ? name : "") {
      case "createStream":
        this.#send(result(transactionId, 1));
        break;
      case "releaseStream":
      case "FCPublish":
      case "_checkbw":
        this.#send(result(transactionId, undefined));
        break;
      case "publish":
        this.#takePublish(message, value);
        break;
      case "play":
        this.#messageStreamId = Math.max(1, message.messageStreamId);
        this.end(
          { code: "player", reason: "wants to play: RTMP is for publishing only here" },
          { code: statusCodes.playFailed, description: "Publishing only." },
        );
        break;
      case "FCUnpublish":
      case "closeStream":
      case "deleteStream":
        if (this.#stage === "publishing") {
          this.end(
            { code: "unpublished", reason: "stopped publishing" },
            { code: statusCodes.unpublished, description: "Stopped." },
          );
        }
        break;
      default:
      // Whatever else encoders ask for is optional to them.
    }
  }

  #takePublish(message: RtmpMessage, name: AmfValue): void {
    if (this.#stage !== "connected") {
      this.#fail("protocol", "published twice");
      return;
    }
    this.#messageStreamId = Math.max(1, message.messageStreamId);
    const streamKey = typeof name === "string" ? name.split("?", 1)[0]! : "";
    if (streamKey === "" || streamKey.length > streamKeyLengthMax) {
      this.end(
        { code: "key", reason: "gave no usable stream key" },
        { code: statusCodes.badName, description: "A stream key is needed." },
      );
      return;
    }
    this.#stage = "deciding";
    this.#events.push({ kind: "publish", streamKey, encoder: this.#encoder });
  }
}

/** An application's name without query and outer slashes, which encoders add or leave. */
function plainPath(application: string): string | undefined {
  if (application.length > applicationLengthMax) return undefined;
  return application.split("?", 1)[0]!.replace(/^\/+|\/+$/g, "");
}

/** An application's first word: people put the stream key behind it, or in its place. */
function nameForLog(application: string): string {
  const [first = "", ...more] = application.slice(0, 64).replace(/^\/+/, "").split(/[/?]/);
  const shown = first.length > applicationShownLengthMax ? "..." : first;
  return more.join("") === "" ? shown : `${shown}/...`;
}
