/**
 * The edge's wall clock as seen from here: Cristian's method. Each answer brackets the moment at
 * which the edge read its clock; the answer with the shortest round trip says it best. Pure.
 */

export interface ServerClock {
  /** Add to the local wall clock to get the edge's; null before the first sample. */
  offsetMs: number | null;
  roundTripMs: number;
  takenUnixMs: number;
}

/** A better sample is forgotten after this: local clocks drift and are set. */
const sampleAgeMsMax = 300_000;

export const unknownServerClock: ServerClock = {
  offsetMs: null,
  roundTripMs: Infinity,
  takenUnixMs: 0,
};

/** Held answers (`?v=`) must not be passed in: their round trip is mostly the hold, on one side. */
export function sampleServerClock(
  clock: ServerClock,
  sample: { sentUnixMs: number; receivedUnixMs: number; serverUnixMs: number },
): ServerClock {
  const { sentUnixMs, receivedUnixMs, serverUnixMs } = sample;
  const roundTripMs = receivedUnixMs - sentUnixMs;
  if (roundTripMs < 0) return clock;
  const isOld = receivedUnixMs - clock.takenUnixMs > sampleAgeMsMax;
  if (clock.offsetMs !== null && !isOld && roundTripMs > clock.roundTripMs) return clock;
  const offsetMs = serverUnixMs - (sentUnixMs + receivedUnixMs) / 2;
  return { offsetMs, roundTripMs, takenUnixMs: receivedUnixMs };
}
