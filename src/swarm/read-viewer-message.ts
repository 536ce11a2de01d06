/** What a viewer says in the room, read strictly: it may be anybody. */
import {
  isCount,
  isFields,
  isPeerId,
  isRung,
  readFields,
  readSignal,
  refused,
  type Fields,
  type ReadResult,
} from "./message-fields.ts";
import { dropReasons, type SwarmReport, type ViewerMessage } from "./room-messages.ts";

const shares = ["nothing", "take", "both"] as const;
/** Bounds of what can be meant; how much is plausible is for the receiver to say. */
const reportBytesMax = 1e12;
const reportCountMax = 1e6;

/** The message, or in a few words what is wrong with it. Never throws. */
export function readViewerMessage(text: string): ReadResult<ViewerMessage> {
  const fields = readFields(text);
  if (fields === undefined) return refused("no JSON object");
  switch (fields["kind"]) {
    case "watch":
      return readWatch(fields);
    case "signal":
      return readSignalMessage(fields);
    case "dropped":
      return readDropped(fields);
    case "report":
      return readReport(fields["report"]);
    default:
      return refused("unknown kind");
  }
}

function readWatch({ rung, share }: Fields): ReadResult<ViewerMessage> {
  const known = shares.find((one) => one === share);
  if (known === undefined) return refused("watch: share");
  if (rung !== null && !isRung(rung)) return refused("watch: rung");
  return { ok: true, message: { kind: "watch", rung, share: known } };
}

function readSignalMessage(fields: Fields): ReadResult<ViewerMessage> {
  const { to } = fields;
  if (!isPeerId(to)) return refused("signal: to");
  const signal = readSignal(fields["signal"]);
  if (signal === undefined) return refused("signal: signal");
  return { ok: true, message: { kind: "signal", to, signal } };
}

function readDropped({ peer, reason }: Fields): ReadResult<ViewerMessage> {
  const known = dropReasons.find((one) => one === reason);
  if (!isPeerId(peer)) return refused("dropped: peer");
  if (known === undefined) return refused("dropped: reason");
  return { ok: true, message: { kind: "dropped", peer, reason: known } };
}

function readReport(value: unknown): ReadResult<ViewerMessage> {
  if (!isFields(value)) return refused("report");
  const { httpBytes, peerBytes, uploadedBytes, refusedCount, lateCount, peerCount } = value;
  const bytes = [httpBytes, peerBytes, uploadedBytes];
  const counts = [refusedCount, lateCount, peerCount];
  if (!bytes.every((one) => isCount(one, reportBytesMax))) return refused("report: bytes");
  if (!counts.every((one) => isCount(one, reportCountMax))) return refused("report: counts");
  const report = { httpBytes, peerBytes, uploadedBytes, refusedCount, lateCount, peerCount };
  return { ok: true, message: { kind: "report", report: report as SwarmReport } };
}
