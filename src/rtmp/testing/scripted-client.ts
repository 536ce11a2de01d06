/**
 * The other side of an RTMP connection, for tests: makes what an encoder sends, message by message,
 * and reads what the server answers. Without I/O, like the rest.
 */
import { amfObject, decodeAmf0, encodeAmf0, type AmfValue } from "../amf0.ts";
import { ChunkReader } from "../chunk-reader.ts";
import { ChunkWriter, type ChunkWriterOptions } from "../chunk-writer.ts";
import { handshakeBytes } from "../handshake.ts";
import { messageTypes, type RtmpMessage } from "../message.ts";
import { setChunkSize } from "../replies.ts";

/** C0, C1 and C2, which may be sent in one go to a server that does not compare C2. */
export const clientHandshake: Uint8Array = Uint8Array.from(
  { length: 1 + 2 * handshakeBytes },
  (_, i) => (i === 0 ? 3 : 0),
);
const serverHandshakeBytes = 1 + 2 * handshakeBytes;

export const avcHeader = Uint8Array.of(0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f);
export const aacHeader = Uint8Array.of(0xaf, 0, 0x11, 0x90);
export const hevcHeader = Uint8Array.of(0x90, 0x68, 0x76, 0x63, 0x31, 1);

/** An AVC payload of the given length that begins a group of pictures. */
export function keyframe(payloadBytes: number): Uint8Array {
  const payload = new Uint8Array(payloadBytes).map((_, i) => i & 0xff);
  payload.set([0x17, 1, 0, 0, 0]);
  return payload;
}

export class ScriptedClient {
  readonly #writer: ChunkWriter;
  #transactionId = 0;

  constructor(options: Partial<ChunkWriterOptions> = {}) {
    this.#writer = new ChunkWriter(options);
  }

  write(message: RtmpMessage): Uint8Array {
    return this.#writer.write(message);
  }

  chunks(message: RtmpMessage): Uint8Array[] {
    return this.#writer.chunks(message);
  }

  chunkSize(bytes: number): Uint8Array {
    return this.write(setChunkSize(bytes));
  }

  control(typeId: number, payload: Uint8Array): Uint8Array {
    return this.write({ chunkStreamId: 2, timestampMs: 0, typeId, messageStreamId: 0, payload });
  }

  /** A command with the next transaction number and a null command object. */
  command(name: AmfValue, ...values: AmfValue[]): Uint8Array {
    return this.rawCommand(encodeAmf0([name, ++this.#transactionId, null, ...values]));
  }

  rawCommand(payload: Uint8Array): Uint8Array {
    const typeId = messageTypes.commandAmf0;
    return this.write({ chunkStreamId: 3, timestampMs: 0, typeId, messageStreamId: 1, payload });
  }

  connect(application: AmfValue = "live"): Uint8Array {
    const object = amfObject({ app: application, flashVer: "FMLE/3.0 (scripted)" });
    return this.rawCommand(encodeAmf0(["connect", ++this.#transactionId, object]));
  }

  /** Connect to publish as OBS does it, without waiting for the answers. */
  opening(streamKey: AmfValue, application: AmfValue = "live"): Uint8Array {
    return joined([
      this.connect(application),
      this.command("releaseStream", streamKey),
      this.command("FCPublish", streamKey),
      this.command("createStream"),
      this.command("publish", streamKey, "live"),
    ]);
  }

  video(timestampMs: number, payload: Uint8Array): Uint8Array {
    return this.#media(messageTypes.video, timestampMs, payload);
  }

  audio(timestampMs: number, payload: Uint8Array): Uint8Array {
    return this.#media(messageTypes.audio, timestampMs, payload);
  }

  /** onMetaData as OBS sends it. */
  metadata(properties: Readonly<Record<string, AmfValue>>): Uint8Array {
    const payload = encodeAmf0(["@setDataFrame", "onMetaData", amfObject(properties)]);
    return this.#media(messageTypes.dataAmf0, 0, payload);
  }

  #media(typeId: number, timestampMs: number, payload: Uint8Array): Uint8Array {
    return this.write({ chunkStreamId: 4, timestampMs, typeId, messageStreamId: 1, payload });
  }
}

/** One thing the server said: a command's values, or a control message's type and payload. */
export type ServerWord =
  | { kind: "command"; name: AmfValue; values: readonly AmfValue[]; messageStreamId: number }
  | { kind: "control"; typeId: number; payload: Uint8Array };

/** Reads the server's bytes after (or with) its side of the handshake. */
export class ServerReader {
  readonly #reader = new ChunkReader({
    messageBytesMax: 65_536,
    partialBytesMax: 262_144,
    chunkStreamCountMax: 16,
  });
  #handshakeBytesLeft = serverHandshakeBytes;

  push(bytes: Uint8Array): ServerWord[] {
    const skipped = Math.min(bytes.length, this.#handshakeBytesLeft);
    this.#handshakeBytesLeft -= skipped;
    this.#reader.push(bytes.subarray(skipped));
    const words: ServerWord[] = [];
    for (let next = this.#reader.next(); next !== undefined; next = this.#reader.next()) {
      words.push(readWord(next));
    }
    if (this.#reader.fault !== undefined) throw new Error(this.#reader.fault.reason);
    return words;
  }
}

/** The status code of an onStatus or of a connect's result or error; undefined for other words. */
export function codeOf(word: ServerWord): string | undefined {
  if (word.kind !== "command") return undefined;
  const information = word.values.at(-1);
  const code = information instanceof Map ? (information.get("code") as AmfValue) : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The parts one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function readWord({ typeId, payload, messageStreamId }: RtmpMessage): ServerWord {
  if (typeId !== messageTypes.commandAmf0) return { kind: "control", typeId, payload };
  const decoded = decodeAmf0(payload);
  if (!decoded.ok) throw new Error(`the server's command ${decoded.reason}`);
  const [name, ...values] = decoded.values;
  return { kind: "command", name, values, messageStreamId };
}
