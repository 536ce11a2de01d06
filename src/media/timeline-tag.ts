/** A tag of the FLV kind: decode time in ms, payload with its codec bytes. */
export interface TimelineTag {
  kind: "audio" | "video" | "script";
  timestampMs: number;
  payload: Uint8Array;
}
