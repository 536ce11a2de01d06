/**
 * How much a viewer may claim to have moved: what its rates carry in the time that has passed, for a
 * minute at most, since nobody keeps longer what could not be said. Shared by all that viewers say of
 * themselves, beacons and the room's reports.
 */

/** A silent minute is the most that one word may be about. */
export const claimMsMax = 60_000;
/** Rungs peak above their rate, requests and headers come on top. */
export const peakRatio = 1.5;
/** What the rung of sound alone takes; its number says nothing of it. */
export const audioKbps = 64;
/** Where no ceiling of uploads is configured. */
export const uploadKbpsUnlimited = 50_000;

/** How long so many bytes take; a kilobit a second is a bit a millisecond. */
export function msOf(bytes: number, kbps: number): number {
  return (bytes * 8) / kbps;
}

/** How many bytes so long carries. */
export function bytesIn(ms: number, kbps: number): number {
  return (ms * kbps) / 8;
}
