/** What is known of each session, as columns: about 130 bytes each, allocated once. */

export class SessionColumns {
  /** The times are the edge's; -1: never. */
  readonly firstMs: Float64Array;
  readonly seenMs: Float64Array;
  /** Up to where the session's time has been added to the totals. */
  readonly creditedMs: Float64Array;
  /** When it was told to start, until it plays. */
  readonly startingMs: Float64Array;
  /** Last query decoded, and last buffer, throughput and latency taken into the histograms. */
  readonly decodedMs: Float64Array;
  readonly sampledMs: Float64Array;
  /** When its next event post is due if it keeps to the rate. */
  readonly postDueMs: Float64Array;
  /** The edge's clock less the player's, by the report that took least time; NaN before one. */
  readonly clockOffsetMs: Float64Array;
  /** Stalled time added to the totals, and the session's own sum that stood for none of it. */
  readonly stallMs: Float64Array;
  readonly stallMsBase: Float64Array;
  readonly endedStallMs: Float64Array;
  /** Estimated time to the first picture, until the player's own word or the next report. */
  readonly startupMs: Float64Array;
  readonly stallCount: Uint32Array;
  readonly stallCountBase: Int32Array;
  readonly endedStallCount: Uint32Array;
  readonly errorCount: Uint32Array;
  readonly rungKbps: Uint32Array;
  /** Index of `playerStates`. */
  readonly state: Uint8Array;
  readonly hasPlayed: Uint8Array;
  /** Sends events, which then alone tell its time. */
  readonly hasEvents: Uint8Array;
  readonly isStarved: Uint8Array;
  readonly hasStartup: Uint8Array;
  /** A media request named it. */
  readonly isNamed: Uint8Array;

  constructor(count: number) {
    const numbers = (): Float64Array => new Float64Array(count);
    const flags = (): Uint8Array => new Uint8Array(count);
    const counts = (): Uint32Array => new Uint32Array(count);
    this.firstMs = numbers();
    this.seenMs = numbers();
    this.creditedMs = numbers();
    this.startingMs = numbers();
    this.decodedMs = numbers();
    this.sampledMs = numbers();
    this.postDueMs = numbers();
    this.clockOffsetMs = numbers();
    this.stallMs = numbers();
    this.stallMsBase = numbers();
    this.endedStallMs = numbers();
    this.startupMs = numbers();
    this.stallCount = counts();
    this.stallCountBase = new Int32Array(count);
    this.endedStallCount = counts();
    this.errorCount = counts();
    this.rungKbps = counts();
    this.state = flags();
    this.hasPlayed = flags();
    this.hasEvents = flags();
    this.isStarved = flags();
    this.hasStartup = flags();
    this.isNamed = flags();
  }

  /** A session that begins now in this place. */
  reset(session: number, nowMs: number): void {
    this.firstMs[session] = nowMs;
    this.seenMs[session] = nowMs;
    this.creditedMs[session] = nowMs;
    this.startingMs[session] = -1;
    this.decodedMs[session] = -1;
    this.sampledMs[session] = -1;
    this.postDueMs[session] = nowMs;
    this.clockOffsetMs[session] = NaN;
    this.stallMs[session] = 0;
    this.stallMsBase[session] = -1;
    this.endedStallMs[session] = 0;
    this.startupMs[session] = -1;
    this.stallCount[session] = 0;
    this.stallCountBase[session] = -1;
    this.endedStallCount[session] = 0;
    this.errorCount[session] = 0;
    this.rungKbps[session] = 0;
    this.state[session] = 0;
    this.hasPlayed[session] = 0;
    this.hasEvents[session] = 0;
    this.isStarved[session] = 0;
    this.hasStartup[session] = 0;
    this.isNamed[session] = 0;
  }

  get bytes(): number {
    return Object.values(this).reduce(
      (sum: number, column) => sum + (ArrayBuffer.isView(column) ? column.byteLength : 0),
      0,
    );
  }
}
