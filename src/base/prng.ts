/**
 * Random numbers without a hidden state: each is a function of a seed, whom it is for, what it is
 * for, and its number. So the order in which they are asked for does not matter, and one seed
 * reproduces a run on any number of workers. Mixing is lowbias32 of Chris Wellons' hash prospector,
 * on 32-bit integers only. Not for secrets.
 */

/** The n-th number of a stream: uniform from 0 to below 1, in steps of 2^-32. */
export function randomRatio(of: {
  seed: number;
  /** Whom it is for, such as a viewer's index. */
  owner: number;
  /** What it is for: a constant of the caller. */
  stream: number;
  n?: number;
}): number {
  return randomWord(randomKey(of.seed, of.owner), of.stream, of.n ?? 0) / 4_294_967_296;
}

/** What all numbers of one owner have in common: a whole number of 32 bits, to be kept by callers. */
export function randomKey(seed: number, owner: number): number {
  return mix(mix(seed ^ 0x9e37_79b9) ^ owner);
}

/** As `randomRatio`, but all 32 bits as a whole number, and without an object to ask with. */
export function randomWord(key: number, stream: number, n: number): number {
  return mix(mix(key + stream) ^ n);
}

function mix(word: number): number {
  let x = word >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb_352d);
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b);
  return (x ^ (x >>> 16)) >>> 0;
}
