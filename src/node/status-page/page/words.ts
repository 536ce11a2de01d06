/** Figures in words, as people read them. Pure. */

/** 1,234,567 bit/s as "1.23 Mbps": three digits, never more. */
export function rateWords(bitsPerSec: number): string {
  for (const [unit, size] of [
    ["Gbps", 1e9],
    ["Mbps", 1e6],
  ] as const) {
    if (bitsPerSec >= size * 0.9995) return `${threeDigits(bitsPerSec / size)} ${unit}`;
  }
  return `${Math.round(bitsPerSec / 1_000)} kbps`;
}

function threeDigits(value: number): string {
  if (value >= 999.5) return countWords(Math.round(value));
  return value.toPrecision(3);
}

/** 1234567 as "1,234,567". */
export function countWords(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Near nothing and near all a digit more; not quite all is never all. */
export function percentWords(ratio: number): string {
  const isNear = (ratio > 0 && ratio < 0.0995) || (ratio > 0.9945 && ratio < 1);
  const percent = ratio < 1 ? Math.min(99.99, 100 * ratio) : 100 * ratio;
  return `${percent.toFixed(isNear ? 2 : 1)} %`;
}

/** How long something has lasted: "42 s", "12 min", "3 h 05 min", "2 d 4 h". */
export function durationWords(durationMs: number): string {
  const sec = Math.max(0, Math.floor(durationMs / 1_000));
  if (sec < 100) return `${sec} s`;
  const min = Math.floor(sec / 60);
  if (min < 100) return `${min} min`;
  const hours = Math.floor(min / 60);
  if (hours < 48) return `${hours} h ${String(min % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The local time of day, with the day where it is not that of `nowUnixMs`. */
export function timeWords(unixMs: number, nowUnixMs: number): string {
  const date = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const today = new Date(nowUnixMs).toDateString() === date.toDateString();
  return today ? time : `${day} ${time}`;
}

export function counted(count: number, thing: string): string {
  return `${countWords(count)} ${thing}${count === 1 ? "" : "s"}`;
}
