/** Single byte ranges (RFC 9110 section 14): what a Range header asks of an object of known length. */

export type ByteRange =
  /** Answer 206 with bytes start to end, end included. */
  | { kind: "range"; start: number; end: number }
  /** Answer 416. */
  | { kind: "unsatisfiable" }
  /** No range, several, or one we cannot read: answer the whole (section 14.2 lets a server). */
  | { kind: "whole" };

const whole: ByteRange = { kind: "whole" };
const unsatisfiable: ByteRange = { kind: "unsatisfiable" };

export function readByteRange(header: string | undefined, lengthBytes: number): ByteRange {
  if (header === undefined) return whole;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (match === null) return whole;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? whole : suffix(Number(last), lengthBytes);
  const start = Number(first);
  const end = last === "" ? lengthBytes - 1 : Math.min(Number(last), lengthBytes - 1);
  if (last !== "" && Number(last) < start) return whole;
  return start >= lengthBytes ? unsatisfiable : { kind: "range", start, end };
}

function suffix(countBytes: number, lengthBytes: number): ByteRange {
  if (countBytes === 0 || lengthBytes === 0) return unsatisfiable;
  return { kind: "range", start: Math.max(0, lengthBytes - countBytes), end: lengthBytes - 1 };
}
