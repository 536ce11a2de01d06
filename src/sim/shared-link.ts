/**
 * One link shared by many bodies, quantum by quantum: capped max-min sharing. Each body gets the
 * lesser of its own path's rate and a fair share that is the same for all; what bodies leave over by
 * ending within a quantum goes to those that could use more. Within a quantum a body's end is exact.
 */

/** Classes of path rates, so that the fair share is found without sorting: eight an octave. */
const classCount = 256;
/** Class 0 begins at 2^-12 bits a microsecond, which is 244 bit/s. */
const exponentMin = 1_023 - 12;

export class SharedLink {
  /** Bodies under way, in columns; `count` of them. */
  count = 0;
  owner: Int32Array;
  bitsLeft: Float64Array;
  capBitsPerUs: Float64Array;
  fromUs: Float64Array;
  /** When the body is given up. */
  stopUs: Float64Array;
  /** Columns of those that ended in the last quantum, by position; `endedCount` of them. */
  endedCount = 0;
  ended: Int32Array;
  endedUs: Float64Array;
  /** Bits sent in the last quantum. */
  sentBits = 0;
  #class: Uint8Array;
  readonly #classCap = new Float64Array(classCount);
  readonly #classBodies = new Float64Array(classCount);
  #capSum = 0;
  /** Bodies that had begun when the quantum did: they come first. */
  #oldCount = 0;
  /** No body is given up before this. */
  #soonestStopUs = Infinity;

  constructor(room = 1_024) {
    this.owner = new Int32Array(room);
    this.bitsLeft = new Float64Array(room);
    this.capBitsPerUs = new Float64Array(room);
    this.fromUs = new Float64Array(room);
    this.stopUs = new Float64Array(room);
    this.ended = new Int32Array(room);
    this.endedUs = new Float64Array(room);
    this.#class = new Uint8Array(room);
  }

  /** Forgets all bodies. */
  clear(): void {
    this.count = 0;
    this.endedCount = 0;
    this.#capSum = 0;
    this.#oldCount = 0;
    this.#soonestStopUs = Infinity;
    this.#classCap.fill(0);
    this.#classBodies.fill(0);
  }

  /** A body of `bits` begins at `fromUs`, at most at `capBitsPerUs`. */
  add(owner: number, bits: number, capBitsPerUs: number, fromUs: number, stopUs: number): void {
    if (this.count === this.owner.length) this.#grow();
    const j = this.count++;
    const rateClass = classOf(capBitsPerUs);
    this.owner[j] = owner;
    this.bitsLeft[j] = bits;
    this.capBitsPerUs[j] = capBitsPerUs;
    this.fromUs[j] = fromUs;
    this.stopUs[j] = stopUs;
    this.#soonestStopUs = Math.min(this.#soonestStopUs, stopUs);
    this.#class[j] = rateClass;
    this.#classCap[rateClass]! += capBitsPerUs;
    this.#classBodies[rateClass]! += 1;
    this.#capSum += capBitsPerUs;
  }

  /** Takes the body at position j out; another one takes its place. */
  remove(j: number): void {
    const rateClass = this.#class[j]!;
    const cap = this.capBitsPerUs[j]!;
    this.#classCap[rateClass]! -= cap;
    this.#classBodies[rateClass]! -= 1;
    if (this.#classBodies[rateClass] === 0) this.#classCap[rateClass] = 0;
    this.#capSum -= cap;
    let hole = j;
    if (hole < this.#oldCount) {
      hole = --this.#oldCount;
      this.#move(hole, j);
    }
    this.#move(--this.count, hole);
    if (this.count === 0) this.#capSum = 0;
  }

  #move(from: number, to: number): void {
    if (from === to) return;
    this.owner[to] = this.owner[from]!;
    this.bitsLeft[to] = this.bitsLeft[from]!;
    this.capBitsPerUs[to] = this.capBitsPerUs[from]!;
    this.fromUs[to] = this.fromUs[from]!;
    this.stopUs[to] = this.stopUs[from]!;
    this.#class[to] = this.#class[from]!;
  }

  /**
   * Sends from `startUs` to `endUs` at a capacity of `bitsPerUs`. Afterwards `ended` names the bodies
   * that are complete or were given up, by falling position, so that each can be removed in turn.
   */
  run(startUs: number, endUs: number, bitsPerUs: number): void {
    const capacityBits = bitsPerUs * (endUs - startUs);
    const fairBitsPerUs = this.#fairShare(bitsPerUs);
    this.sentBits = 0;
    this.endedCount = 0;
    const hungry = this.#sendFair(startUs, endUs, fairBitsPerUs);
    const spareBits = capacityBits - this.sentBits;
    if (hungry > 0 && spareBits > 0) {
      this.#sendSpare(startUs, endUs, fairBitsPerUs, spareBits / hungry, bitsPerUs);
    }
    this.#sortEnded();
    this.#oldCount = this.count;
    if (this.#soonestStopUs <= endUs) this.#findSoonestStop(endUs);
  }

  /** Of the bodies that were not given up by `afterUs`. */
  #findSoonestStop(afterUs: number): void {
    let soonestUs = Infinity;
    for (let j = 0; j < this.count; j++) {
      const stopUs = this.stopUs[j]!;
      if (stopUs > afterUs && stopUs < soonestUs) soonestUs = stopUs;
    }
    this.#soonestStopUs = soonestUs;
  }

  /** The rate that no body exceeds; Infinity when the link carries them all. */
  #fairShare(bitsPerUs: number): number {
    if (this.#capSum <= bitsPerUs) return Infinity;
    let left = bitsPerUs;
    let bodies = this.count;
    for (let rateClass = 0; rateClass < classCount; rateClass++) {
      const inClass = this.#classBodies[rateClass]!;
      if (inClass === 0) continue;
      const cap = this.#classCap[rateClass]!;
      // The class's mean stands for its bodies: none gets more than its own rate anyway.
      if ((cap / inClass) * bodies >= left) return left / bodies;
      left -= cap;
      bodies -= inClass;
    }
    return Infinity;
  }

  /** Gives every body its share; returns how many could have used more. */
  #sendFair(startUs: number, endUs: number, fairBitsPerUs: number): number {
    const { count, bitsLeft, capBitsPerUs, stopUs } = this;
    const wholeUs = endUs - startUs;
    const mayStop = this.#soonestStopUs <= endUs;
    let sent = 0;
    let hungry = 0;
    for (let j = 0; j < count; j++) {
      const cap = capBitsPerUs[j]!;
      const rate = cap < fairBitsPerUs ? cap : fairBitsPerUs;
      // Bodies that began before this quantum come first.
      const spanUs = j < this.#oldCount ? wholeUs : endUs - this.fromUs[j]!;
      const bits = rate * spanUs;
      const left = bitsLeft[j]!;
      if (bits >= left) {
        sent += left;
        bitsLeft[j] = 0;
        this.#end(j, endUs - spanUs + left / rate);
        continue;
      }
      bitsLeft[j] = left - bits;
      sent += bits;
      if (mayStop && stopUs[j]! <= endUs) this.#end(j, endUs);
      else if (cap > fairBitsPerUs) hungry++;
    }
    this.sentBits = sent;
    return hungry;
  }

  /**
   * Gives what is spare to those whose paths carry more than the fair share, evenly. None gets more
   * than the whole link from its own beginning on: what was spare before is gone.
   */
  #sendSpare(
    startUs: number,
    endUs: number,
    fairBitsPerUs: number,
    shareBits: number,
    linkBitsPerUs: number,
  ): void {
    const { count, bitsLeft, capBitsPerUs, stopUs } = this;
    const wholeUs = endUs - startUs;
    const mayStop = this.#soonestStopUs <= endUs;
    let sent = 0;
    for (let j = 0; j < count; j++) {
      const cap = capBitsPerUs[j]!;
      const above = (cap < linkBitsPerUs ? cap : linkBitsPerUs) - fairBitsPerUs;
      const left = bitsLeft[j]!;
      if (above <= 0 || left === 0 || (mayStop && stopUs[j]! <= endUs)) continue;
      const room = above * (j < this.#oldCount ? wholeUs : endUs - this.fromUs[j]!);
      let bits = shareBits < room ? shareBits : room;
      if (bits >= left) {
        bits = left;
        this.#end(j, endUs);
      }
      bitsLeft[j] = left - bits;
      sent += bits;
    }
    this.sentBits += sent;
  }

  #end(j: number, atUs: number): void {
    this.ended[this.endedCount] = j;
    this.endedUs[this.endedCount] = atUs;
    this.endedCount++;
  }

  /** By falling position; each of the two passes has entered its own in rising order. */
  #sortEnded(): void {
    const { ended, endedUs, endedCount } = this;
    for (let n = 1; n < endedCount; n++) {
      const j = ended[n]!;
      const atUs = endedUs[n]!;
      let m = n - 1;
      while (m >= 0 && ended[m]! > j) {
        ended[m + 1] = ended[m]!;
        endedUs[m + 1] = endedUs[m]!;
        m--;
      }
      ended[m + 1] = j;
      endedUs[m + 1] = atUs;
    }
    ended.subarray(0, endedCount).reverse();
    endedUs.subarray(0, endedCount).reverse();
  }

  #grow(): void {
    const room = 2 * this.owner.length;
    const longer = <T extends Int32Array | Float64Array | Uint8Array>(column: T, grown: T): T => {
      grown.set(column);
      return grown;
    };
    this.owner = longer(this.owner, new Int32Array(room));
    this.bitsLeft = longer(this.bitsLeft, new Float64Array(room));
    this.capBitsPerUs = longer(this.capBitsPerUs, new Float64Array(room));
    this.fromUs = longer(this.fromUs, new Float64Array(room));
    this.stopUs = longer(this.stopUs, new Float64Array(room));
    this.ended = longer(this.ended, new Int32Array(room));
    this.endedUs = longer(this.endedUs, new Float64Array(room));
    this.#class = longer(this.#class, new Uint8Array(room));
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** An octave is an exponent of the number, its eighths the first three bits of the mantissa. */
function classOf(bitsPerUs: number): number {
  bits.setFloat64(0, bitsPerUs);
  const eighths = (bits.getInt32(0) >>> 17) - 8 * exponentMin;
  return Math.max(0, Math.min(classCount - 1, eighths));
}
