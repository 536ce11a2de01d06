/** What a port of a relay counts; slots of one typed array, so that counting is an addition. */
export const portCount = {
  egressBytes: 0,
  waitersRefused: 1,
  responsesBroken: 2,
  responsesStalled: 3,
  responsesAborted: 4,
  requestsMalformed: 5,
  /** Open now. */
  connections: 6,
  connectionsRefused: 7,
} as const;

export const portCountSlots = Object.keys(portCount).length;
