/** Numbers as people read them: sensible digits, thousands separators, units. */

/** 500000 as "500,000". */
export function counted(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "1 viewer", "500,000 viewers". */
export function things(count: number, name: string): string {
  return `${counted(count)} ${name}${count === 1 ? "" : "s"}`;
}

/** Three or four digits: 31,560 or 241.8 or 2.25 or 0.0453; never an exponent. */
export function decimal(value: number): string {
  const size = Math.abs(value);
  if (size >= 999.95) return counted(value);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.995 || size === 0) return value.toFixed(2);
  return size < 1e-6 ? "0.00" : value.toPrecision(3);
}

/** A ratio of 0 to 1 as "1.53 %"; what is there but too small to write is "< 0.01 %". */
export function percent(ratio: number): string {
  const hundredths = Math.abs(ratio) * 100;
  if (hundredths === 0) return "0 %";
  if (hundredths < 0.01) return "< 0.01 %";
  const text = hundredths >= 10 ? hundredths.toFixed(1) : hundredths.toFixed(2);
  return `${ratio < 0 ? "-" : ""}${text} %`;
}

/** A change against a first value, as "-45 %" or "+0.4 %" or "× 130"; empty where none shows. */
export function changeOf(value: number, first: number): string {
  if (first === 0) return "";
  const hundredths = (value / first - 1) * 100;
  const size = Math.abs(hundredths);
  if (size < 0.05) return "";
  if (hundredths >= 1_000) return `× ${decimal(value / first)}`;
  return `${hundredths < 0 ? "-" : "+"}${size >= 10 ? size.toFixed(0) : size.toFixed(1)} %`;
}

/** A change of a ratio, in percentage points: "-1.31 points"; empty where none shows. */
export function pointsBetween(ratio: number, first: number): string {
  const points = (ratio - first) * 100;
  const size = Math.abs(points);
  if (size < 0.005) return "";
  return `${points < 0 ? "-" : "+"}${size >= 10 ? size.toFixed(1) : size.toFixed(2)} points`;
}

/** 850 as "850 ms", 1240 as "1.24 s". */
export function milliseconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${decimal(ms / 1_000)} s`;
}

/** An instant or span as "42 s", "12:30" or "1:55:00". */
export function clock(sec: number): string {
  const whole = Math.round(sec);
  if (whole < 60) return `${whole} s`;
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return h === 0 ? `${m}:${two(s)}` : `${h}:${two(m)}:${two(s)}`;
}

/** Exact whole numbers with separators: the strings above 2^53 keep every digit. */
export function exactly(value: number | string | bigint): string {
  return BigInt(value).toLocaleString("en-US");
}
