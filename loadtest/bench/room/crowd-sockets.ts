/**
 * Thousands of a room's WebSockets (RFC 6455) for little: they say nothing but what they are told to,
 * and all but a sample leave what they are sent with the kernel, so that reading it takes no core from
 * the room under test. At the end everything is read and counted.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface CrowdTarget {
  port: number;
  path: string;
  count: number;
}

/** What came to one of the sample, and when. */
interface Arrival {
  text: string;
  atUnixMs: number;
}

/** Attempts under way at a time. */
const openingCountMax = 256;
/** One in so many reads at once. */
const sampleEvery = 50;
/** So many share an address, as behind a large router: rooms bound what one address may have. */
const socketsPerAddress = 40;

const opcodeText = 1;
const request = ({ path, port }: CrowdTarget): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    // The example of RFC 6455 section 1.2; servers check its form alone.
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "",
    "",
  ].join("\r\n");

export class CrowdSockets {
  readonly #waitMsMax: number;
  /** Of the sample, since they were last forgotten. */
  #arrivals: Arrival[] = [];
  readonly #members: Member[] = [];

  /** What has not come by then does not come. */
  constructor({ waitMsMax = 10_000 } = {}) {
    this.#waitMsMax = waitMsMax;
  }

  /** Resolves when all are welcomed. Throws when one is refused or cut. */
  async join(target: CrowdTarget): Promise<void> {
    let begun = 0;
    const openOneByOne = async (): Promise<void> => {
      while (begun < target.count) {
        this.#members.push(await this.#open(target, begun++));
      }
    };
    await Promise.all(Array.from({ length: openingCountMax }, openOneByOne));
  }

  /** Each says this text. */
  say(text: string): void {
    const frame = maskedFrame(Buffer.from(text));
    for (const { socket } of this.#members) socket.write(frame);
  }

  /** Forgets what came to the sample. */
  forget(): void {
    this.#arrivals = [];
  }

  /** When a message with this mark has come to each of the sample, since `forget` or this. */
  async arrivals(mark: string): Promise<number[]> {
    const sampleCount = this.#members.filter(({ isSample }) => isSample).length;
    const marked = (): Arrival[] => this.#arrivals.filter(({ text }) => text.includes(mark));
    await this.#until(() => marked().length >= sampleCount, `few had ${mark}`);
    const times = marked().map(({ atUnixMs }) => atUnixMs);
    this.forget();
    return times;
  }

  /** Reads all that has come; throws when somebody was sent fewer messages than this. */
  async readAll(messageCount: number): Promise<void> {
    for (const { socket } of this.#members) socket.resume();
    const hasAll = (member: Member): boolean => member.messageCount >= messageCount;
    const otherwise = `some had fewer than ${messageCount} messages`;
    await this.#until(() => this.#members.every(hasAll), otherwise);
  }

  /** Without goodbyes, and without leaving ports in TIME_WAIT. */
  leave(): void {
    for (const { socket } of this.#members.splice(0)) socket.resetAndDestroy();
  }

  /** Reading is what the crowd does meanwhile, so that looking now and then is enough. */
  async #until(isSo: () => boolean, otherwise: string): Promise<void> {
    const deadlineMs = performance.now() + this.#waitMsMax;
    while (!isSo()) {
      if (performance.now() > deadlineMs) throw new Error(otherwise);
      await delay(10);
    }
  }

  #open(target: CrowdTarget, number: number): Promise<Member> {
    const isSample = number % sampleEvery === 0;
    return new Promise((resolve, reject) => {
      const localAddress = addressOf(Math.floor(number / socketsPerAddress));
      const socket = connect({ port: target.port, host: "127.0.0.1", localAddress });
      const member = new Member(socket, isSample, (text) => {
        if (isSample) this.#arrivals.push({ text, atUnixMs: unixMs() });
        if (member.messageCount > 1) return;
        if (!isSample) socket.pause();
        resolve(member);
      });
      socket.once("error", reject).once("close", () => reject(new Error("a viewer was cut off")));
      socket.write(request(target));
    });
  }
}

/** One of loopback, all of which are this machine's on Linux. */
function addressOf(index: number): string {
  return `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
}

function unixMs(): number {
  return performance.timeOrigin + performance.now();
}

/** One socket: takes frames of texts apart. */
class Member {
  messageCount = 0;
  readonly socket: Socket;
  readonly isSample: boolean;
  readonly #heard: (text: string) => void;
  #isOpen = false;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, isSample: boolean, heard: (text: string) => void) {
    this.socket = socket;
    this.isSample = isSample;
    this.#heard = heard;
    socket.on("data", (piece) => this.#take(piece));
  }

  #take(piece: Buffer): void {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (!this.#isOpen) {
      const end = this.#rest.indexOf("\r\n\r\n");
      if (end === -1) return;
      const [status = ""] = this.#rest.toString("latin1").split("\r\n", 1);
      if (!status.includes(" 101 ")) {
        this.socket.destroy(new Error(`a viewer is not let in: ${status}`));
        return;
      }
      this.#isOpen = true;
      this.#rest = this.#rest.subarray(end + 4);
    }
    for (let length = frameLength(this.#rest); length > 0; length = frameLength(this.#rest)) {
      const frame = this.#rest.subarray(0, length);
      // A copy, or each socket would hold on to a whole read.
      this.#rest = Buffer.from(this.#rest.subarray(length));
      if ((frame[0]! & 0x0f) !== opcodeText) continue;
      this.messageCount += 1;
      this.#heard(frame.subarray(frame[1] === 126 ? 4 : 2).toString());
    }
  }
}

/** Of the first frame of a server; 0 before it is whole. */
function frameLength(data: Buffer): number {
  if (data.length < 4) return 0;
  const length = data[1] === 126 ? 4 + data.readUInt16BE(2) : 2 + data[1]!;
  return data.length >= length ? length : 0;
}

/** The mask is 0, so that the payload stands as it is. */
function maskedFrame(payload: Buffer): Buffer {
  if (payload.length > 125) throw new Error("a short text is enough here");
  const head = Buffer.from([0x80 | opcodeText, 0x80 | payload.length, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}
