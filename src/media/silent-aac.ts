/**
 * AAC-LC frames of 1,024 silent samples, by channel count. They stand in for sound that did not
 * come: where both tracks are not buffered, a browser's Media Source stops the picture too.
 * The bytes are a single_channel_element or channel_pair_element with no coded spectrum
 * (ISO/IEC 14496-3, 4.4.2), the same as in hls.js (src/remux/aac-helper.ts).
 */
export const silentAacFrames: Readonly<Record<1 | 2, Uint8Array>> = {
  1: Uint8Array.of(0x00, 0xc8, 0x00, 0x80, 0x23, 0x80),
  2: Uint8Array.of(0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80),
};
