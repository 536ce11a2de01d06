/** What the room of an edge counts, over all feeds; slots of one typed array. */
export const roomCount = {
  /** Open now. */
  sockets: 0,
  refusedFull: 1,
  refusedOrigin: 2,
  /** Named a session, but not as sessions are named. */
  refusedSession: 3,
  closedBudget: 4,
  closedBacklog: 5,
  /** What came was no message: binary, too long, or not read. */
  closedMalformed: 6,
  closedIdle: 7,
  messagesIn: 8,
  messagesOut: 9,
  /** Now; brought up to date twice a second. */
  cells: 10,
  cellMembers: 11,
  signalsRelayed: 12,
  signalsRefused: 13,
  /** Peers shut out of cells for bad bytes. */
  bans: 14,
  refusedAddress: 15,
  /** Made room for one of an address that has fewer sockets. */
  closedCrowded: 16,
  /** More than all viewers together may have relayed. */
  signalsDropped: 17,
  bytesIn: 18,
  bytesOut: 19,
  /** Now, as cells: viewers who are to come to one. */
  waiting: 20,
} as const;

export const roomCountSlots = Object.keys(roomCount).length;
