/**
 * The columns of a VU's only viewer: plain arrays of one number, behind the types that thousands of
 * viewers need. In k6's engine a typed array takes three times the memory and is slower to read.
 */
import type { ColumnStore } from "../../../src/viewer/viewers.ts";

const column = (): never => [0] as never;

/** Memory for one viewer; its numbers are wide, so that none wraps around. */
export const columnsOfOne: ColumnStore = {
  float64: column,
  uint32: column,
  uint8: column,
  int8: column,
};
