/** Makes inputs out of inputs: structured mutations from a seed, the same for the same seed. */

/** xorshift32 over a well mixed seed; enough for choosing mutations. */
export class MutationRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0 || 1;
  }

  /** An integer from 0 to below `end`; 0 when `end` is 0. */
  below(end: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return end === 0 ? 0 : this.#state % end;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

type Mutation = (input: Uint8Array, mutator: Mutator) => Uint8Array;

const edgeBytes = [0, 1, 2, 3, 9, 0x0a, 0x2d, 0x30, 0x7f, 0x80, 0xc0, 0xfe, 0xff];
const edgeWords = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0xffffff, 0x7fffffff, 0xffffffff];
const edgeNumbers = ["0", "-1", "00", "1e9", "4294967296", "9007199254740993", "0x10", "1.5", ""];

const mutations: readonly Mutation[] = [
  (input, { random }) => changed(input, random, () => 1 << random.below(8), "flip"),
  (input, { random }) => changed(input, random, () => random.pick(edgeBytes), "set"),
  (input, { random }) => changed(input, random, () => random.below(256), "set"),
  setWord,
  (input, { random }) => spliced(input, ...range(input, random), new Uint8Array(0)),
  (input, { random }) => spliced(input, random.below(input.length + 1), 0, noise(random)),
  (input, { random }) => {
    const [at, count] = range(input, random);
    return spliced(input, at, 0, input.slice(at, at + count));
  },
  (input, { random }) => input.slice(0, random.below(input.length + 1)),
  (input, { random, tokens }) =>
    spliced(input, random.below(input.length + 1), 0, random.pick(tokens)),
  overwriteWithToken,
  crossOver,
  changeNumber,
];

export class Mutator {
  readonly random: MutationRandom;
  readonly tokens: readonly Uint8Array[];
  readonly #inputBytesMax: number;
  /** Inputs to combine with; grows as the caller finds more. */
  readonly pool: Uint8Array[];

  constructor(options: {
    seed: number;
    pool: Uint8Array[];
    dictionary: readonly (string | Uint8Array)[];
    inputBytesMax: number;
  }) {
    this.random = new MutationRandom(options.seed);
    this.pool = options.pool;
    this.#inputBytesMax = options.inputBytesMax;
    const tokens = options.dictionary.map((token) =>
      typeof token === "string" ? new TextEncoder().encode(token) : token,
    );
    this.tokens = tokens.length > 0 ? tokens : edgeBytes.map((byte) => Uint8Array.of(byte));
  }

  /** One of the pool, changed one to eight times. */
  next(): Uint8Array {
    const { random } = this;
    // Half of the time one of the newest: they reached what nothing before did.
    const from = random.below(2) === 0 ? Math.max(0, this.pool.length - 16) : 0;
    let input = this.pool[from + random.below(this.pool.length - from)]!;
    for (let times = 1 << random.below(4); times > 0; times--) {
      input = random.pick(mutations)(input, this);
    }
    return input.slice(0, this.#inputBytesMax);
  }
}

function changed(
  input: Uint8Array,
  random: MutationRandom,
  value: () => number,
  how: "set" | "flip",
): Uint8Array {
  if (input.length === 0) return Uint8Array.of(value());
  const output = input.slice();
  const at = random.below(output.length);
  output[at] = how === "flip" ? output[at]! ^ value() : value();
  return output;
}

function setWord(input: Uint8Array, { random }: Mutator): Uint8Array {
  const output = input.slice();
  const at = random.below(output.length);
  const value = random.pick(edgeWords);
  const byteCount = 2 + random.below(3);
  for (let i = 0; i < byteCount && at + i < output.length; i++) {
    output[at + i] = value >>> (8 * (byteCount - 1 - i));
  }
  return output;
}

function overwriteWithToken(input: Uint8Array, { random, tokens }: Mutator): Uint8Array {
  const token = random.pick(tokens);
  return spliced(input, random.below(input.length + 1), token.length, token);
}

function crossOver(input: Uint8Array, { random, pool }: Mutator): Uint8Array {
  const other = random.pick(pool);
  const piece = other.slice(...bounds(other, random));
  const [at, count] = range(input, random);
  return spliced(input, at, random.below(2) * count, piece);
}

/** Puts another number in the place of a run of digits, if there is one. */
function changeNumber(input: Uint8Array, { random }: Mutator): Uint8Array {
  const isDigit = (at: number): boolean => input[at]! >= 0x30 && input[at]! <= 0x39;
  let start = random.below(input.length);
  while (start < input.length && !isDigit(start)) start++;
  if (start >= input.length) return input;
  let end = start;
  while (end < input.length && isDigit(end)) end++;
  const text = random.below(2) === 0 ? random.pick(edgeNumbers) : String(random.below(100_000));
  return spliced(input, start, end - start, new TextEncoder().encode(text));
}

function noise(random: MutationRandom): Uint8Array {
  return Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
}

/** A start and a count within the input, mostly short. */
function range(input: Uint8Array, random: MutationRandom): [number, number] {
  const at = random.below(input.length + 1);
  const longest = random.below(4) === 0 ? input.length - at : Math.min(32, input.length - at);
  return [at, random.below(longest + 1)];
}

function bounds(input: Uint8Array, random: MutationRandom): [number, number] {
  const [at, count] = range(input, random);
  return [at, at + count];
}

function spliced(
  input: Uint8Array,
  at: number,
  removedCount: number,
  piece: Uint8Array,
): Uint8Array {
  const tail = input.subarray(Math.min(input.length, at + removedCount));
  const output = new Uint8Array(at + piece.length + tail.length);
  output.set(input.subarray(0, at));
  output.set(piece, at);
  output.set(tail, at + piece.length);
  return output;
}
