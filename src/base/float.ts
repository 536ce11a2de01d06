/**
 * exp, log and pow that give the same bits in every engine: ECMAScript leaves the last bits of
 * Math's to the implementation, and k6's engine, Node and browsers differ in them. Algorithms and
 * constants are those of fdlibm (Sun Microsystems, e_exp.c and e_log.c), which uses nothing but
 * IEEE arithmetic. Errors stay below one unit in the last place, those of pow below 1e-13.
 */

const ln2High = 6.9314718036912381649e-1;
const ln2Low = 1.90821492927058770002e-10;
const log2OfE = 1.442695040888963387;
const twoPow54 = 18_014_398_509_481_984;

/**
 * Powers of two that are asked for most: index 0 is 2^-64. Few, for each k6 viewer has its own, and
 * none in typed arrays, of which the first costs such a viewer more than all the powers.
 */
const powerMin = -64;
const powerCount = 129;
const powers: number[] = [];
for (let n = 0, power = 1 / (2 ** 32 * 2 ** 32); n < powerCount; n++, power *= 2)
  powers.push(power);

/** e to the power x. */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(log2OfE * x + 0.5);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t *
              (6.61375632143793436117e-5 +
                t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k > 1023) return y * 2 * twoToThe(k - 1);
  if (k < -1021) return y * twoToThe(k + 54) * (1 / twoPow54);
  return y * twoToThe(k);
}

/** 2^(-j/128) for j below 128; a power series takes care of what is left over. */
const stepsPerHalving = 128;
const halvingSteps: number[] = [];
const ln2 = 0.6931471805599453;
for (let j = 0; j < stepsPerHalving; j++) halvingSteps.push(exp((-ln2 * j) / stepsPerHalving));

/**
 * What is left of 1 after `count` halvings, 2 to the power -count, for counts from 0 on: faster than
 * `exp`, with an error below 4e-16, as absolute as relative while there is anything to speak of.
 */
export function halved(count: number): number {
  if (count >= -powerMin) return 0;
  const steps = Math.floor(count * stepsPerHalving);
  const t = (steps * (1 / stepsPerHalving) - count) * ln2;
  const t2 = t * t;
  const rest = t2 * (1 / 2 + t * (1 / 6)) + t2 * t2 * (1 / 24 + t * (1 / 120));
  const step = halvingSteps[steps & (stepsPerHalving - 1)]! * powers[-powerMin - (steps >> 7)]!;
  return step + step * (t + rest);
}

/** About sqrt(2): fdlibm's, of the first 20 bits. */
const mantissaEnd = 1 + 0x6_a09c / 2 ** 20;

/** The natural logarithm; NaN below 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  if (x === Infinity) return x;
  const isTiny = x < 2.2250738585072014e-308;
  let mantissa = isTiny ? x * twoPow54 : x;
  // x = 2^k * (1 + f) with 1 + f between sqrt(2)/2 and sqrt(2). Scaling by powers of two is exact, so
  // that an engine's guess of k need not be.
  let k = Math.floor(Math.log2(mantissa));
  mantissa *= twoToThe(-k);
  for (; mantissa >= mantissaEnd; mantissa /= 2) k++;
  for (; mantissa < mantissaEnd / 2; mantissa *= 2) k--;
  if (isTiny) k -= 54;
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even =
    w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const halfSquare = 0.5 * f * f;
  return k * ln2High - (halfSquare - (s * (halfSquare + even + odd) + k * ln2Low) - f);
}

/** base to the power exponent, for a base of at least 0. */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (base === 0) return exponent > 0 ? 0 : Infinity;
  return exp(exponent * log(base));
}

/** 2 to an integer power between -1074 and 1023. */
function twoToThe(k: number): number {
  const n = k - powerMin;
  if (n < 0) return powers[0]! * twoToThe(k - powerMin);
  return n < powerCount ? powers[n]! : powers[powerCount - 1]! * twoToThe(k + powerMin);
}
