/**
 * Fuzz target: what anybody may send to a room. Reading never throws; what is read has the fields of
 * its kind and no others, each within its bounds, and is read again unchanged.
 */
import { assert } from "../base/assert.ts";
import { isCount, isPeerId, isRung } from "./message-fields.ts";
import { readViewerMessage } from "./read-viewer-message.ts";
import { dropReasons, type Signal, type ViewerMessage } from "./room-messages.ts";

export const name = "viewer-message";

export const dictionary = [
  '{"kind":"watch","rung":300,"share":"both"}',
  '{"kind":"signal","to":"a","signal":',
  '{"type":"offer","sdp":"v=0\\r\\n"}',
  '{"type":"candidate","candidate":"","mid":"0"}',
  '{"kind":"dropped","peer":"a","reason":"bad"}',
  '{"kind":"report","report":',
  '"httpBytes":1,"peerBytes":1,"uploadedBytes":1,',
  '"refusedCount":1,"lateCount":1,"peerCount":1',
  '"__proto__":{',
  '"constructor"',
  "\\u0000",
  "\\ud800",
  "null",
  "1e400",
  "-0",
];

/** Fields of each kind, in order. */
const fieldsOf: Record<ViewerMessage["kind"], string> = {
  watch: "kind,rung,share",
  signal: "kind,to,signal",
  dropped: "kind,peer,reason",
  report: "kind,report",
};

export function fuzz(data: Uint8Array): void {
  const text = String.fromCharCode(...data.subarray(0, 20_000));
  const read = readViewerMessage(text);
  if (!read.ok) {
    assert(read.reason.length > 0 && read.reason.length < 40, "a refusal says why, in few words");
    return;
  }
  const { message } = read;
  assert(Object.keys(message).join() === fieldsOf[message.kind], "fields of its kind alone");
  check(message);
  const again = readViewerMessage(JSON.stringify(message));
  assert(JSON.stringify(again) === JSON.stringify(read), "it is read again unchanged");
}

function check(message: ViewerMessage): void {
  switch (message.kind) {
    case "watch":
      assert(message.rung === null || isRung(message.rung), "a rung is one");
      assert(["nothing", "take", "both"].includes(message.share), "a share is one");
      return;
    case "signal":
      assert(isPeerId(message.to), "it is to a peer");
      checkSignal(message.signal);
      return;
    case "dropped":
      assert(isPeerId(message.peer) && dropReasons.includes(message.reason), "it is of a peer");
      return;
    case "report": {
      const values = Object.values(message.report);
      assert(values.length === 6, "six figures");
      assert(
        values.every((value) => isCount(value, 1e12)),
        "each is a bounded count",
      );
    }
  }
}

function checkSignal(signal: Signal): void {
  if (signal.type === "candidate") {
    assert(Object.keys(signal).join() === "type,candidate,mid", "fields of a candidate alone");
    assert(signal.candidate.length <= 512 && signal.mid.length <= 64, "a candidate is short");
  } else {
    assert(Object.keys(signal).join() === "type,sdp", "fields of a description alone");
    assert(signal.sdp.length > 0 && signal.sdp.length <= 8_192, "a description is bounded");
  }
}
