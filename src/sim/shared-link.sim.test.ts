/**
 * The shared link against queueing theory: bodies of any size that arrive by chance and share a link
 * evenly, each up to its own rate (M/G/R-PS; R = 1 is M/G/1-PS).
 *
 * Means of such links take long to settle: at load 0.9 a million bodies leave 1 % of doubt. So the
 * comparison goes over a link without quanta, which takes the same bodies: it is run long and
 * corrected by a control variate to meet theory, and SharedLink is compared with it body by body.
 */
import { expect, test } from "vitest";
import { exactSojourns } from "./testing/exact-sharing.ts";
import { linkSojourns, type LinkRun } from "./testing/link-sojourns.ts";
import { poissonArrivals, sizeDistributions, type Arrivals } from "./testing/poisson-arrivals.ts";
import { controlledMean, delayFactor, meanOf } from "./testing/sojourn-theory.ts";

const capacityBitsPerUs = 1;
/** What a body of mean size takes alone, whatever R is. */
const serviceUs = 800_000;
const quantumUs = serviceUs / 16;
const seed = 20_080_303;

const [exponential, deterministic, pareto] = sizeDistributions;
const factors = [1, 2, 10].flatMap((r) =>
  [0.5, 0.7, 0.8, 0.9].flatMap((load) =>
    sizeDistributions.map((sizes) => ({ r, load, sizes, name: sizes.name })),
  ),
);
type Case = (typeof factors)[number];

function linkOf(r: number) {
  const capBitsPerUs = capacityBitsPerUs / r;
  return { capacityBitsPerUs, capBitsPerUs, bitsMean: serviceUs * capBitsPerUs };
}

function arrivalsOf({ r, load, sizes }: Case, count: number): Arrivals {
  return poissonArrivals({ seed, count, load, sizes, ...linkOf(r) });
}

/** Bodies that leave less than 1 % of standard error: Pareto sizes take more of them. */
function bodyCountOf({ load, sizes }: Case): number {
  if (load < 0.9) return sizes === pareto ? 600_000 : 200_000;
  return sizes === pareto ? 3_000_000 : 600_000;
}

/** What SharedLink makes of it, and what the link without quanta makes of the same bodies. */
function bothLinks(of: Case, count: number): { link: LinkRun; exactUs: Float64Array } {
  const arrivals = arrivalsOf(of, count);
  const limits = linkOf(of.r);
  return {
    link: linkSojourns(arrivals, { ...limits, quantumUs }),
    exactUs: exactSojourns(arrivals, limits),
  };
}

test("the factors of theory are those that are published", () => {
  const of = (r: number) => [0.5, 0.7, 0.8, 0.9].map((load) => delayFactor(r, load));
  const close = (...values: number[]) => values.map((value) => expect.closeTo(value, 3) as number);
  expect(of(1)).toEqual(close(2, 1 / 0.3, 5, 10));
  expect(of(2)).toEqual(close(1.3333, 1.9608, 2.7778, 5.2632));
  expect(of(10)).toEqual(close(1.0072, 1.0739, 1.2046, 1.6687));
});

test.each(factors)(
  "at load $load a link of $r bodies at full rate delays $name sizes as theory says",
  (of) => {
    const limits = linkOf(of.r);
    const arrivals = arrivalsOf(of, bodyCountOf(of));
    const { meanUs, sigmaUs } = controlledMean(exactSojourns(arrivals, limits), arrivals, {
      ...of,
      ...limits,
    });
    expect(sigmaUs / meanUs).toBeLessThan(0.01);
    const { link, exactUs } = bothLinks(of, 12_000);
    const bias = meanOf(link.sojournUs) / meanOf(exactUs);
    expect(Math.abs(bias - 1)).toBeLessThan(0.006);
    const factor = (bias * meanUs) / serviceUs;
    expect(Math.abs(factor / delayFactor(of.r, of.load) - 1)).toBeLessThan(0.02);
  },
);

test.each([exponential!, deterministic!, pareto!])(
  "bodies under way are arrivals times their time, and load / (1 - load): $name",
  (sizes) => {
    const of = { r: 1, load: 0.7, sizes, name: sizes.name };
    const arrivals = arrivalsOf(of, 40_000);
    const link = linkSojourns(arrivals, { ...linkOf(1), quantumUs });
    const perUs = arrivals.atUs.length / arrivals.atUs.at(-1)!;
    // Quanta's ends see bodies that arrived within as well, and not those that ended within.
    expect(link.countMean / (perUs * meanOf(link.sojournUs))).toBeCloseTo(1, 1.7);
    const { meanUs } = controlledMean(link.sojournUs, arrivals, { ...of, ...linkOf(1) });
    expect(Math.abs((perUs * meanUs) / (0.7 / 0.3) - 1)).toBeLessThan(0.02);
  },
);

test("a body takes as much longer as it is larger", () => {
  const of = { r: 1, load: 0.7, sizes: exponential!, name: "" };
  const long = arrivalsOf(of, 1_500_000);
  const exactUs = exactSojourns(long, linkOf(1));
  const short = { atUs: long.atUs.slice(0, 60_000), bits: long.bits.slice(0, 60_000) };
  const { sojournUs } = linkSojourns(short, { ...linkOf(1), quantumUs });
  const bounds = [0.1, 0.5, 1, 2, 4, 8];
  bounds.slice(0, -1).forEach((from, n) => {
    const isIn = (bits: number) => bits >= from * serviceUs && bits < bounds[n + 1]! * serviceUs;
    const perBit = (us: Float64Array, bits: Float64Array) => {
      let [totalUs, totalBits] = [0, 0];
      bits.forEach((size, body) => {
        if (!isIn(size)) return;
        totalUs += us[body]!;
        totalBits += size;
      });
      return totalUs / totalBits;
    };
    const bias = perBit(sojournUs, short.bits) / perBit(exactUs.slice(0, 60_000), short.bits);
    const slope = bias * perBit(exactUs, long.bits) * capacityBitsPerUs * (1 - of.load);
    expect(Math.abs(slope - 1), `${from} times the mean size and more`).toBeLessThan(0.02);
  });
});

test("no bit is lost or made, and no quantum carries more than the link", () => {
  for (const r of [1, 10]) {
    const of = { r, load: 0.9, sizes: pareto!, name: "" };
    const { link } = bothLinks(of, 10_000);
    const offered = arrivalsOf(of, 10_000).bits.reduce((total, bits) => total + bits, 0);
    expect(link.sentBits / offered).toBeCloseTo(1, 12);
    expect(link.usedRatioMax).toBeLessThanOrEqual(1 + 1e-12);
  }
});

test("quanta make bodies a little late, by more than 2 % where one is as long as half a body", () => {
  const of = { r: 10, load: 0.9, sizes: exponential!, name: "" };
  const arrivals = arrivalsOf(of, 20_000);
  const exactUs = meanOf(exactSojourns(arrivals, linkOf(10)));
  const lateRatio = (quantaPerBody: number): number => {
    const quantum = { quantumUs: serviceUs / quantaPerBody };
    return meanOf(linkSojourns(arrivals, { ...linkOf(10), ...quantum }).sojournUs) / exactUs - 1;
  };
  expect(lateRatio(16)).toBeLessThan(0.003);
  expect(lateRatio(4)).toBeLessThan(0.02);
  expect(lateRatio(2)).toBeGreaterThan(0.02);
  expect(lateRatio(2)).toBeLessThan(0.1);
});

test.each([0.05, 0.5, 0.9])(
  "bodies whose paths carry much more than the link get no more than the link, at load %d",
  (load) => {
    const arrivals = arrivalsOf({ r: 1, load, sizes: exponential!, name: "" }, 12_000);
    const limits = { capacityBitsPerUs, capBitsPerUs: 1_000 };
    const exactUs = meanOf(exactSojourns(arrivals, limits));
    const { sojournUs } = linkSojourns(arrivals, { ...limits, quantumUs });
    expect(Math.abs(meanOf(sojournUs) / exactUs - 1)).toBeLessThan(0.005);
  },
);
