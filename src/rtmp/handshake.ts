/**
 * The server's side of the plain RTMP handshake (Adobe RTMP 1.0, section 5.2). The version field of
 * S1 is 0, so clients that know Adobe's digest handshake do not ask for it. C2 is not compared: some
 * encoders send junk, and it protects nothing.
 */
export const handshakeBytes = 1_536;
const randomBytes = handshakeBytes - 8;

export type HandshakeStep =
  | { kind: "more" }
  /** Send these bytes, then go on. */
  | { kind: "answer"; bytes: Uint8Array }
  /** Over; `rest` are bytes of the chunk stream that came with C2. */
  | { kind: "done"; rest: Uint8Array }
  | { kind: "fault"; reason: string };

export class ServerHandshake {
  readonly #random: Uint8Array;
  /** C0 and C1; C2 is only counted. */
  readonly #first = new Uint8Array(1 + handshakeBytes);
  #count = 0;
  #input: Uint8Array = new Uint8Array(0);
  #answered = false;

  /** `random` fills S1 and needs no secrecy; it is repeated when it is short. */
  constructor(random: Uint8Array) {
    this.#random = random;
  }

  push(bytes: Uint8Array): void {
    this.#input = bytes;
  }

  next(): HandshakeStep {
    if (!this.#answered) {
      const taken = this.#input.subarray(0, this.#first.length - this.#count);
      this.#first.set(taken, this.#count);
      this.#count += taken.length;
      this.#input = this.#input.subarray(taken.length);
      if (this.#count > 0 && this.#first[0] !== 3) {
        return { kind: "fault", reason: versionFault(this.#first) };
      }
      if (this.#count < this.#first.length) return { kind: "more" };
      this.#answered = true;
      this.#count = 0;
      return { kind: "answer", bytes: this.#answer() };
    }
    const takenBytes = Math.min(this.#input.length, handshakeBytes - this.#count);
    this.#count += takenBytes;
    this.#input = this.#input.subarray(takenBytes);
    if (this.#count < handshakeBytes) return { kind: "more" };
    return { kind: "done", rest: this.#input };
  }

  /** S0, S1 and S2, the echo of C1. */
  #answer(): Uint8Array {
    const bytes = new Uint8Array(1 + 2 * handshakeBytes);
    bytes[0] = 3;
    for (let i = 0; i < randomBytes; i++) {
      bytes[9 + i] = this.#random[i % Math.max(1, this.#random.length)] ?? 0;
    }
    bytes.set(this.#first.subarray(1), 1 + handshakeBytes);
    return bytes;
  }
}

/** What a first byte other than 3 tells us of the peer. */
function versionFault(first: Uint8Array): string {
  const version = first[0]!;
  if (version === 0x16) return "the peer speaks TLS: use rtmp://, not rtmps://";
  if (version === 6 || version === 8) return "the peer wants encrypted RTMP (RTMPE)";
  if (version >= 0x41 && version <= 0x5a) return "the peer speaks HTTP, not RTMP";
  return `the peer does not speak RTMP (first byte ${version})`;
}
