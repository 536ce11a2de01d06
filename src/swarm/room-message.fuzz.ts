/**
 * Fuzz target: what a broken edge, or whoever poses as one, says to a viewer. Reading never throws;
 * what is read has the fields of its kind and no others, lists within their bounds, and is read again
 * unchanged. The viewer's side of the room takes it, and knows itself by no other id than a welcome's.
 */
import { assert } from "../base/assert.ts";
import { isPeerId } from "./message-fields.ts";
import { readRoomMessage } from "./read-room-message.ts";
import { RoomClient } from "./room-client.ts";
import type { RoomMessage } from "./room-messages.ts";

export const name = "room-message";

const status =
  '{"version":1,"state":"live","sinceUnixMs":1,"lastSegmentUnixMs":1,"nowUnixMs":1,"viewers":1,"p2p":"on","ladderVersion":1}';
const policy = '{"mode":"on","uploadKbpsMax":2000,"seedCount":2,"iceServers":[]}';
const welcome = `{"kind":"welcome","id":"me","status":null,"policy":${policy}}`;

export const dictionary = [
  welcome,
  `"status":${status}`,
  `{"kind":"policy","policy":${policy}}`,
  '{"url":"turn:a","username":"u","credential":"c"}',
  '{"kind":"cell","size":2}',
  '{"kind":"dial","peers":["a","b"]}',
  '{"kind":"signal","from":"a","signal":{"type":"offer","sdp":"v=0"}}',
  '{"kind":"gone","peer":"a"}',
  '{"kind":"segment","segment":{"rung":300,"epoch":1,"msn":5,"bytes":9,"sha256":"',
  "0123456789abcdef".repeat(4),
  '"seeds":["a"]',
  '"__proto__":{',
  "1e400",
  "-0",
];

/** Fields of each kind, in order. */
const fieldsOf: Record<RoomMessage["kind"], string> = {
  welcome: "kind,id,status,policy",
  status: "kind,status",
  policy: "kind,policy",
  cell: "kind,size",
  dial: "kind,peers",
  signal: "kind,from,signal",
  gone: "kind,peer",
  segment: "kind,segment,seeds",
};
const listLengthMax = 64;

export function fuzz(data: Uint8Array): void {
  const text = String.fromCharCode(...data.subarray(0, 20_000));
  const read = readRoomMessage(text);
  if (read.ok) {
    const { message } = read;
    assert(Object.keys(message).join() === fieldsOf[message.kind], "fields of its kind alone");
    const list = message.kind === "dial" ? message.peers : seedsOf(message);
    assert(list.length <= listLengthMax && list.every(isPeerId), "a list of few peers");
    const again = readRoomMessage(JSON.stringify(message));
    assert(JSON.stringify(again) === JSON.stringify(read), "it is read again unchanged");
  }
  checkClient(text, read.ok ? read.message : undefined);
}

function seedsOf(message: RoomMessage): readonly string[] {
  return message.kind === "segment" ? message.seeds : [];
}

/** Before its welcome nothing else counts, and after it only another welcome gives another id. */
function checkClient(text: string, message: RoomMessage | undefined): void {
  const heard: string[] = [];
  let say: (text: string) => void = () => undefined;
  const client = new RoomClient({
    ports: { nowMs: () => 0, random: () => 0, later: () => () => undefined },
    open: (events) => {
      say = (one) => events.message(one);
      return { send: () => undefined, close: () => undefined };
    },
  });
  client.listen((event) => heard.push(event.kind));
  client.open();
  const isWelcome = message?.kind === "welcome";
  say(text);
  assert(client.isConnected === isWelcome, "it is connected by a welcome alone");
  assert(heard.length === (isWelcome ? 2 : 0), "nothing is told before the welcome");
  say(welcome);
  heard.length = 0;
  say(text);
  assert(heard.length === (message === undefined ? 0 : isWelcome ? 2 : 1), "each is told once");
  assert(client.id === (isWelcome ? message.id : "me"), "a welcome's id is its own");
}
