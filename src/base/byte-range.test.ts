import { expect, test } from "vitest";
import { readByteRange } from "./byte-range.ts";

test.each([
  [undefined, 10, "whole"],
  ["bytes=0-", 10, "0-9"],
  ["bytes=0-0", 10, "0-0"],
  ["bytes=2-5", 10, "2-5"],
  ["bytes=2-99", 10, "2-9"],
  ["bytes=-3", 10, "7-9"],
  ["bytes=-99", 10, "0-9"],
  ["bytes=-0", 10, "unsatisfiable"],
  ["bytes=10-", 10, "unsatisfiable"],
  ["bytes=10-12", 10, "unsatisfiable"],
  ["bytes=0-", 0, "unsatisfiable"],
  ["bytes=-1", 0, "unsatisfiable"],
  ["bytes=5-2", 10, "whole"],
  ["bytes=-", 10, "whole"],
  ["bytes=0-1,3-4", 10, "whole"],
  ["items=0-1", 10, "whole"],
  ["bytes=0-99999999999999999999", 10, "0-9"],
  ["bytes=-99999999999999999999", 10, "0-9"],
  ["bytes=99999999999999999999-", 10, "unsatisfiable"],
])("the header %s of %d bytes", (header, lengthBytes, expected) => {
  const range = readByteRange(header, lengthBytes);
  expect(range.kind === "range" ? `${range.start}-${range.end}` : range.kind).toBe(expected);
});
