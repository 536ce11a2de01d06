/** What a node counts; slots of one typed array, so that counting costs nothing on the hot path. */
export const countIndex = {
  hit: 0,
  join: 1,
  miss: 2,
  fill: 3,
  fillFailed: 4,
  reload: 5,
  hedge: 6,
  retry: 7,
  ejection: 8,
  evicted: 9,
  fillQueued: 10,
  objectTooLarge: 11,
  cacheFull: 12,
  parentRegressed: 13,
  digestMismatch: 14,
  parentTimeout: 15,
  prefetch: 16,
  feedReset: 17,
} as const;
export type CountName = keyof typeof countIndex;

export const countSlots = Object.keys(countIndex).length;
