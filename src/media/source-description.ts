/** What a publisher sends, known once its first tags have been seen. */
export interface SourceDescription {
  /** Absent when no video came. */
  video?: { width: number; height: number; frameRate: number };
  /** Absent when no sound came. */
  audio?: { sampleRateHz: number; channelCount: number };
}
