/**
 * Figures of the scheduling core alone; those shared with room and simulator are in
 * src/config/swarm-parameters.ts. All were tuned in virtual time (swarm-world.sim.test.ts).
 */
export const schedulerParameters = {
  /** What one viewer keeps for others and for seeking back: two minutes at the longest segments. */
  cacheSegmentCountMax: 24,
  cacheBytesMax: 32 * 1024 * 1024,
  /** Announcements kept; an edge's window is shorter. */
  factsCountMax: 64,
  /** Segments looked for among neighbours at a time. */
  needCountMax: 8,
  /**
   * With so many neighbours that may send at any moment no other is asked for what the player does
   * not wait for yet: what each has sent before it hears a cancel is in the way when a line falls.
   */
  activeCountMax: 2,
  /** Neighbours at which one segment is asked for at a time, in their queues. */
  requestCountMax: 4,
  /** Requests of one neighbour that wait here, and of this viewer that wait at one neighbour. */
  requestPerPeerCountMax: 8,
  /** Haves remembered of one neighbour: more than it may cache. */
  haveKeptCountMax: 64,
  /** Haves remembered of one neighbour before the announcement, of so many segments past the newest. */
  haveEarlyCountMax: 4,
  haveEarlyMsnMax: 2,
  /** What a fetch from the edge is expected to take before the first. */
  fetchMsUnknown: 1_000,
  /** A fetch the player waits for that is slow by such a part of a segment's duration goes alone. */
  aloneRatio: 0.125,
  /**
   * A line is thin when so many fetches in a row took such a part of a segment's duration, until one
   * takes less than the other part, or for so long without another.
   */
  thinFetchCount: 2,
  thinRatioIn: 0.67,
  thinRatioOut: 0.5,
  thinMs: 30_000,
  /** For about so long neighbours may say that they hold what the player waits for and has no seed. */
  seedlessWaitMs: 400,
  /** A fetch without progress for so long is stuck: neighbours are asked as well. */
  fetchStuckMs: 1_500,
  /** For so long beyond its last progress a segment from elsewhere is still of use. */
  stuckUsefulMs: 10_000,
  /** And so long after the deadline the player is told to ask itself. */
  fetchLateMs: 2_000,
  /** How long a request may be unanswered before the next neighbour is asked, at least. */
  answerMsMin: 150,
  /** And when other pieces come meanwhile, which an answer may be behind. */
  answerMsFull: 600,
  /** So long a turn at one neighbour is waited for before another is asked as well. */
  patienceMs: 250,
  /** After that the request is given up and counts as silence. */
  silenceMs: 3_000,
  silenceCountMax: 3,
  /** One that waits is given up half as long after its turn as was said, at least after this. */
  turnLateMs: 1_000,
  overdueCountMax: 3,
  /** A transfer without progress is given up after three chunks' time, within these. */
  stallMsMin: 500,
  stallMsMax: 2_500,
  stallCountMax: 3,
  /** An upload takes at most three times what is expected, at least this, or this while unknown. */
  uploadMsMin: 4_000,
  uploadMsUnknown: 20_000,
  /** Transfers in a row that were too slow to end in time. */
  slowCountMax: 3,
  /** A neighbour with which nothing was exchanged for so long makes room for one that calls. */
  spareMs: 60_000,
  /** A neighbour given up, but not for wrong bytes, is not taken again for so long. */
  shunMs: 60_000,
  /** Peers shut out that are remembered. */
  banCountMax: 64,
  /** After that without a request the player does not play, and nothing is prefetched. */
  idleMs: 30_000,
  /** Messages a neighbour may send: a second's worth, and at once. */
  messagesPerSecMax: 200,
  messageBurstMax: 600,
} as const;
