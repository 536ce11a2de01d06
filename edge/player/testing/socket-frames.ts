/** As much of WebSocket (RFC 6455) as a scripted room needs: short texts, whole in one frame. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const opcodeText = 1;
const opcodeClose = 8;

export interface TextSocket {
  send(text: string): void;
  /** Without a word, as a machine that dies. */
  destroy(): void;
}

/** Answers a browser's upgrade; `text` gets what it says, `closed` is called once. */
export function acceptSocket(
  request: IncomingMessage,
  socket: Duplex,
  { text, closed }: { text: (message: string) => void; closed: () => void },
): TextSocket {
  // The GUID of RFC 6455 1.3.
  const proof = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(proof).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
  let received = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    received = Buffer.concat([received, piece]);
    for (let frame = readFrame(received); frame !== undefined; frame = readFrame(received)) {
      received = received.subarray(frame.length);
      if (frame.opcode === opcodeText) text(frame.payload.toString());
      if (frame.opcode === opcodeClose) socket.end(Buffer.from([0x80 | opcodeClose, 0]));
    }
  });
  socket.on("error", () => undefined);
  socket.on("close", closed);
  return {
    send: (message) => {
      if (socket.writable) socket.write(textFrame(message));
    },
    destroy: () => void socket.destroy(),
  };
}

function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length];
  return Buffer.concat([Buffer.from([0x80 | opcodeText, ...head]), payload]);
}

/** The first frame, once it is whole. */
function readFrame(data: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (data.length < 2) return undefined;
  const shortLength = data[1]! & 0x7f;
  const maskAt = shortLength === 126 ? 4 : 2;
  if (data.length < maskAt + 4) return undefined;
  const payloadLength = shortLength === 126 ? data.readUInt16BE(2) : shortLength;
  const length = maskAt + 4 + payloadLength;
  if (data.length < length) return undefined;
  const payload = Buffer.from(data.subarray(maskAt + 4, length));
  for (let i = 0; i < payload.length; i += 1) payload[i]! ^= data[maskAt + (i % 4)]!;
  return { opcode: data[0]! & 0x0f, payload, length };
}
