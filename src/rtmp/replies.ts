/** What a server that takes publishers says, as messages (Adobe RTMP 1.0, sections 5.4 and 7). */
import { amfObject, encodeAmf0, type AmfValue } from "./amf0.ts";
import { controlChunkStreamId, messageTypes, uint32Bytes, type RtmpMessage } from "./message.ts";

/** Status codes that OBS's and ffmpeg's RTMP clients act on. */
export const statusCodes = {
  connectSuccess: "NetConnection.Connect.Success",
  connectRejected: "NetConnection.Connect.Rejected",
  invalidApp: "NetConnection.Connect.InvalidApp",
  publishStart: "NetStream.Publish.Start",
  badName: "NetStream.Publish.BadName",
  rejected: "NetStream.Publish.Rejected",
  unpublished: "NetStream.Unpublish.Success",
  playFailed: "NetStream.Play.Failed",
} as const;
export type StatusCode = (typeof statusCodes)[keyof typeof statusCodes];

/** Chunk stream of command replies, as Adobe's server uses it. */
const commandChunkStreamId = 3;
const dynamicBandwidth = 2;

export function windowAckSize(bytes: number): RtmpMessage {
  return control(messageTypes.windowAckSize, uint32Bytes(bytes));
}

export function setPeerBandwidth(bytes: number): RtmpMessage {
  return control(
    messageTypes.setPeerBandwidth,
    Uint8Array.of(...uint32Bytes(bytes), dynamicBandwidth),
  );
}

export function setChunkSize(bytes: number): RtmpMessage {
  return control(messageTypes.setChunkSize, uint32Bytes(bytes));
}

/** `receivedBytes` goes out modulo 2^32. */
export function acknowledgement(receivedBytes: number): RtmpMessage {
  return control(messageTypes.acknowledgement, uint32Bytes(receivedBytes));
}

/** Answers a ping whose user control payload (event type and timestamp) is given. */
export function pingResponse(request: Uint8Array): RtmpMessage {
  return control(messageTypes.userControl, Uint8Array.of(0, 7, ...request.subarray(2, 6)));
}

export function connectResult(transactionId: number): RtmpMessage {
  return command(0, [
    "_result",
    transactionId,
    amfObject({ fmsVer: "FMS/3,5,7,7009", capabilities: 31 }),
    amfObject({
      level: "status",
      code: statusCodes.connectSuccess,
      description: "Connection succeeded.",
      objectEncoding: 0,
    }),
  ]);
}

/** The refusal of a connect: ffmpeg acts on the error, OBS on the status after it. */
export function connectRefusal(transactionId: number, description: string): RtmpMessage[] {
  const rejected = { level: "error", code: statusCodes.connectRejected, description };
  return [
    command(0, ["_error", transactionId, null, amfObject(rejected)]),
    status({ messageStreamId: 0, code: statusCodes.invalidApp, description }),
  ];
}

export function result(transactionId: number, value: AmfValue): RtmpMessage {
  return command(0, ["_result", transactionId, null, value]);
}

/** An onStatus of level error, except for the two codes that are good news. */
export function status(options: {
  messageStreamId: number;
  code: StatusCode;
  description: string;
}): RtmpMessage {
  const { messageStreamId, code, description } = options;
  const isGood = code === statusCodes.publishStart || code === statusCodes.unpublished;
  const level = isGood ? "status" : "error";
  return command(messageStreamId, ["onStatus", 0, null, amfObject({ level, code, description })]);
}

function control(typeId: number, payload: Uint8Array): RtmpMessage {
  const chunkStreamId = controlChunkStreamId;
  return { chunkStreamId, timestampMs: 0, typeId, messageStreamId: 0, payload };
}

function command(messageStreamId: number, values: readonly AmfValue[]): RtmpMessage {
  return {
    chunkStreamId: commandChunkStreamId,
    timestampMs: 0,
    typeId: messageTypes.commandAmf0,
    messageStreamId,
    payload: encodeAmf0(values),
  };
}
