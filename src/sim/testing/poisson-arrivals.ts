/** Bodies that arrive by chance at one link, as the theory of shared links has them. */
import { randomRatio } from "../../base/prng.ts";

/** A distribution of sizes with mean 1, by its quantiles, and the mean of its squares. */
export interface SizeDistribution {
  name: string;
  quantile: (ratio: number) => number;
  secondMoment: number;
}

/** Its variance is finite, its third moment is not. */
const paretoAlpha = 2.5;

export const sizeDistributions: readonly SizeDistribution[] = [
  { name: "exponential", quantile: (ratio) => -Math.log(1 - ratio), secondMoment: 2 },
  { name: "deterministic", quantile: () => 1, secondMoment: 1 },
  {
    name: "Pareto",
    quantile: (ratio) => (1 - 1 / paretoAlpha) / (1 - ratio) ** (1 / paretoAlpha),
    secondMoment: (paretoAlpha - 1) ** 2 / (paretoAlpha * (paretoAlpha - 2)),
  },
];

/** When each body arrives, rising, and how large it is. */
export interface Arrivals {
  atUs: Float64Array;
  bits: Float64Array;
}

/** A Poisson process that offers the share `load` of `capacityBitsPerUs`. */
export function poissonArrivals(of: {
  seed: number;
  count: number;
  load: number;
  capacityBitsPerUs: number;
  bitsMean: number;
  sizes: SizeDistribution;
}): Arrivals {
  const { seed, count, load, capacityBitsPerUs, bitsMean, sizes } = of;
  const gapUsMean = bitsMean / (load * capacityBitsPerUs);
  const atUs = new Float64Array(count);
  const bits = new Float64Array(count);
  let nowUs = 0;
  for (let n = 0; n < count; n++) {
    nowUs -= gapUsMean * Math.log(1 - randomRatio({ seed, owner: n, stream: 0 }));
    atUs[n] = nowUs;
    bits[n] = bitsMean * sizes.quantile(randomRatio({ seed, owner: n, stream: 1 }));
  }
  return { atUs, bits };
}
