/**
 * What an edge says in the room, as its viewer reads it. An unknown kind is refused like a broken
 * message: a newer edge may say more, and the viewer goes on without it.
 */
import { readFeedStatus } from "../hls/read-status.ts";
import {
  isCount,
  isFields,
  isPeerId,
  isRung,
  isText,
  readFields,
  readSignal,
  refused,
  type Fields,
  type ReadResult,
} from "./message-fields.ts";
import type { IceServer, SwarmPolicy } from "./policy.ts";
import type { PeerId, RoomMessage } from "./room-messages.ts";
import type { SegmentFacts } from "./segment.ts";

const peerCountMax = 64;
const iceServerCountMax = 16;
const iceTextLengthMax = 1_024;
const uploadKbpsMax = 100_000_000;
/** 60 s at 35 Mbps. */
const segmentBytesMax = 268_435_456;
const digest = /^[0-9a-f]{64}$/;
const iceUrl = /^(?:stun|turn|turns):[\x21-\x7e]+$/;

type Reader = (fields: Fields) => RoomMessage | undefined;

const readers: ReadonlyMap<unknown, Reader> = new Map<RoomMessage["kind"], Reader>([
  ["welcome", readWelcome],
  ["status", readStatus],
  ["policy", readPolicy],
  ["cell", readCell],
  ["dial", readDial],
  ["signal", readRelayedSignal],
  ["gone", readGone],
  ["segment", readAnnouncement],
]);

/** The message, or in a few words what is wrong with it. Never throws. */
export function readRoomMessage(text: string): ReadResult<RoomMessage> {
  const fields = readFields(text);
  if (fields === undefined) return refused("no JSON object");
  const read = readers.get(fields["kind"]);
  if (read === undefined) return refused("unknown kind");
  const message = read(fields);
  return message === undefined ? refused("a field is wrong") : { ok: true, message };
}

function readStatus(fields: Fields): RoomMessage | undefined {
  const status = readFeedStatus(fields["status"]);
  return status && { kind: "status", status };
}

function readPolicy(fields: Fields): RoomMessage | undefined {
  const policy = readSwarmPolicy(fields["policy"]);
  return policy && { kind: "policy", policy };
}

function readCell({ size }: Fields): RoomMessage | undefined {
  const isSize = size === null || (isCount(size, peerCountMax) && size > 0);
  return isSize ? { kind: "cell", size } : undefined;
}

function readDial(fields: Fields): RoomMessage | undefined {
  const peers = readPeers(fields["peers"]);
  return peers && { kind: "dial", peers };
}

function readRelayedSignal(fields: Fields): RoomMessage | undefined {
  const { from } = fields;
  const signal = readSignal(fields["signal"]);
  return isPeerId(from) && signal ? { kind: "signal", from, signal } : undefined;
}

function readGone({ peer }: Fields): RoomMessage | undefined {
  return isPeerId(peer) ? { kind: "gone", peer } : undefined;
}

function readAnnouncement(fields: Fields): RoomMessage | undefined {
  const segment = readSegment(fields["segment"]);
  const seeds = readPeers(fields["seeds"]);
  return segment && seeds && { kind: "segment", segment, seeds };
}

function readWelcome({ id, status, policy }: Fields): RoomMessage | undefined {
  const known = status === null ? null : readFeedStatus(status);
  const rules = readSwarmPolicy(policy);
  if (!isPeerId(id) || known === undefined || rules === undefined) return undefined;
  return { kind: "welcome", id, status: known, policy: rules };
}

function readSwarmPolicy(value: unknown): SwarmPolicy | undefined {
  if (!isFields(value)) return undefined;
  const { mode, uploadKbpsMax: uploadMax, seedCount, iceServers } = value;
  if (mode !== "off" && mode !== "on") return undefined;
  if (!isCount(uploadMax, uploadKbpsMax) || !isCount(seedCount, peerCountMax)) return undefined;
  const servers = readList(iceServers, iceServerCountMax, readIceServer);
  return servers && { mode, uploadKbpsMax: uploadMax, seedCount, iceServers: servers };
}

function readIceServer(value: unknown): IceServer | undefined {
  if (!isFields(value)) return undefined;
  const { url, username, credential } = value;
  if (!isText(url, iceTextLengthMax) || !iceUrl.test(url)) return undefined;
  if (!isText(username, iceTextLengthMax) || !isText(credential, iceTextLengthMax)) {
    return undefined;
  }
  return { url, username, credential };
}

function readSegment(value: unknown): SegmentFacts | undefined {
  if (!isFields(value)) return undefined;
  const { rung, epoch, msn, bytes, sha256 } = value;
  if (!isRung(rung) || !isCount(epoch) || !isCount(msn)) return undefined;
  if (!isCount(bytes, segmentBytesMax) || bytes === 0) return undefined;
  if (typeof sha256 !== "string" || !digest.test(sha256)) return undefined;
  return { rung, epoch, msn, bytes, sha256 };
}

function readPeers(value: unknown): PeerId[] | undefined {
  return readList(value, peerCountMax, (one) => (isPeerId(one) ? one : undefined));
}

function readList<Item>(
  value: unknown,
  countMax: number,
  read: (one: unknown) => Item | undefined,
): Item[] | undefined {
  if (!Array.isArray(value) || value.length > countMax) return undefined;
  const items: Item[] = [];
  for (const one of value as unknown[]) {
    const item = read(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
