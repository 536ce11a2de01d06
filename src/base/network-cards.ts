/** How many network cards a rate takes: one rule for modelled and for measured figures (DESIGN 11). */

/** Bytes on the wire over payload: Ethernet, IP, TCP and HTTP. */
export const wireRatio = 1.06;
/** How full a card may be run. */
export const cardFillRatioMax = 0.8;

/** Cards of `cardGbps` for a payload of `payloadGbps`; a whole number. */
export function networkCardsNeeded(payloadGbps: number, cardGbps: number): number {
  return Math.ceil((payloadGbps * wireRatio) / (cardFillRatioMax * cardGbps));
}
