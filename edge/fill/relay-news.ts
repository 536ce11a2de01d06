/** What those who watch a relay, rather than ask it, are told as it happens. */
export interface RelayNews {
  /** The feed's status was confirmed, and may be another one now. */
  statusTaken(feed: number): void;
  /** A segment is whole in the cache, and its digest is the origin's. */
  segmentComplete(object: number): void;
}
