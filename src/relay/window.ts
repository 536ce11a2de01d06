/**
 * What a track lists: a new playlist is taken over only when it continues the one in hand. MSN and
 * epoch never go back, and a segment never changes its epoch; a parent that says so is wrong.
 */
import { dropObject, startFill } from "./fill.ts";
import { countOn, wake, type NodeState } from "./node-state.ts";
import { initsPerTrack, objectState, tracksPerFeed } from "./objects.ts";

/** What a node needs to know of a media playlist. */
export interface PlaylistFacts {
  firstMsn: number;
  /** Epoch of each segment listed, in order. */
  epochs: ArrayLike<number>;
  /** Content hashes of the init segments in force. */
  initNames: readonly string[];
  /** Duration of the last segment. */
  lastDurationMs: number;
  /** ENDLIST. */
  ended: boolean;
}

export type PlaylistVerdict = "new" | "unchanged" | "regressed";

/** Segments whose fill is started when a playlist lists them; more at once means a catch-up. */
const prefetchCountMax = 2;

export function takePlaylist(
  node: NodeState,
  trackIndex: number,
  facts: PlaylistFacts,
  madeAtMs: number,
  nowMs: number,
): PlaylistVerdict {
  const track = node.tracks[trackIndex]!;
  const lastMsn = facts.firstMsn + facts.epochs.length - 1;
  const verdict = judge(node, trackIndex, facts, lastMsn);
  if (verdict !== "new") return verdict;
  const lastBefore = track.listed ? track.lastMsn : -1;
  listSegments(node, trackIndex, facts);
  listInits(node, trackIndex, facts.initNames);
  track.listed = true;
  track.firstMsn = facts.firstMsn;
  track.lastMsn = lastMsn;
  track.lastEpoch = facts.epochs[facts.epochs.length - 1]!;
  track.lastDurationMs = facts.lastDurationMs;
  track.final = facts.ended;
  track.versionAtMs = madeAtMs;
  const playlist = node.objects.playlistOf(trackIndex);
  node.objects.state[playlist] = objectState.complete;
  wake(node, playlist);
  if (lastBefore !== -1) prefetch(node, trackIndex, lastBefore, nowMs);
  return "new";
}

/** Forgets playlists and media of a feed; MSN and epoch stay the floor for what comes after. */
export function forgetFeed(node: NodeState, feed: number): void {
  for (let index = feed * tracksPerFeed; index < (feed + 1) * tracksPerFeed; index++) {
    forgetTrack(node, index);
  }
}

export function forgetTrack(node: NodeState, trackIndex: number): void {
  const { objects } = node;
  const track = node.tracks[trackIndex]!;
  track.listed = false;
  track.final = false;
  track.initNames.fill("");
  for (let index = 0; index < initsPerTrack; index++) {
    dropObject(node, objects.initOf(trackIndex, index));
  }
  for (let slot = 0; slot < objects.historyCount; slot++) {
    const object = objects.segmentSlotOf(trackIndex, slot);
    dropObject(node, object);
    objects.msn[object] = -1;
  }
  dropObject(node, objects.playlistOf(trackIndex));
}

/** The slot of the segment if the node knows that name, else -1. */
export function segmentOf(
  node: NodeState,
  trackIndex: number,
  { epoch, msn }: { epoch: number; msn: number },
): number {
  const object = node.objects.segmentSlotOf(trackIndex, msn);
  return node.objects.msn[object] === msn && node.objects.epoch[object] === epoch ? object : -1;
}

/** The slot of the init segment if the node knows that name, else -1. */
export function initOf(node: NodeState, trackIndex: number, name: string): number {
  const index = node.tracks[trackIndex]!.initNames.indexOf(name);
  return index === -1 || name === "" ? -1 : node.objects.initOf(trackIndex, index);
}

function judge(
  node: NodeState,
  trackIndex: number,
  facts: PlaylistFacts,
  lastMsn: number,
): PlaylistVerdict {
  const track = node.tracks[trackIndex]!;
  const { epochs, firstMsn } = facts;
  if (epochs.length === 0) return "regressed";
  const lastEpoch = epochs[epochs.length - 1]!;
  if (lastMsn < track.lastMsn || lastEpoch < track.lastEpoch) return "regressed";
  if (track.listed && firstMsn < track.firstMsn) return "regressed";
  if (!epochsContinue(node, trackIndex, facts)) return "regressed";
  const same = track.listed && lastMsn === track.lastMsn && firstMsn === track.firstMsn;
  return same && facts.ended === track.final ? "unchanged" : "new";
}

/** Whether epochs never fall, and no segment listed before has another epoch now. */
function epochsContinue(node: NodeState, trackIndex: number, facts: PlaylistFacts): boolean {
  const track = node.tracks[trackIndex]!;
  const { epochs, firstMsn } = facts;
  for (let i = 0; i < epochs.length; i++) {
    if (i > 0 && epochs[i]! < epochs[i - 1]!) return false;
    const msn = firstMsn + i;
    if (!track.listed || msn < track.firstMsn || msn > track.lastMsn) continue;
    const object = node.objects.segmentSlotOf(trackIndex, msn);
    if (node.objects.msn[object] === msn && node.objects.epoch[object] !== epochs[i]) return false;
  }
  return true;
}

function listSegments(node: NodeState, trackIndex: number, facts: PlaylistFacts): void {
  const track = node.tracks[trackIndex]!;
  const count = facts.epochs.length;
  const skipped = Math.max(0, count - node.objects.historyCount);
  for (let i = skipped; i < count; i++) {
    nameSegment(node, trackIndex, { epoch: facts.epochs[i]!, msn: facts.firstMsn + i });
  }
  if (track.listed) return;
  // A viewer may be behind what the first playlist lists; older names are believed to be of its
  // first epoch, so that there are few of them whatever is asked.
  const oldest = Math.max(0, facts.firstMsn + count - node.objects.historyCount);
  for (let msn = oldest; msn < facts.firstMsn; msn++) {
    nameSegment(node, trackIndex, { epoch: facts.epochs[0]!, msn });
  }
}

function nameSegment(
  node: NodeState,
  trackIndex: number,
  { epoch, msn }: { epoch: number; msn: number },
): void {
  const { objects } = node;
  const object = objects.segmentSlotOf(trackIndex, msn);
  if (objects.msn[object] === msn && objects.epoch[object] === epoch) return;
  dropObject(node, object);
  objects.msn[object] = msn;
  objects.epoch[object] = epoch;
  objects.demandedMs[object] = -Infinity;
}

function listInits(node: NodeState, trackIndex: number, names: readonly string[]): void {
  const track = node.tracks[trackIndex]!;
  for (const name of names) {
    if (track.initNames.includes(name)) continue;
    const index = track.initNext;
    track.initNext = (index + 1) % initsPerTrack;
    dropObject(node, node.objects.initOf(trackIndex, index));
    track.initNames[index] = name;
  }
}

function prefetch(node: NodeState, trackIndex: number, lastBefore: number, nowMs: number): void {
  const track = node.tracks[trackIndex]!;
  if (!track.following) return;
  const first = Math.max(lastBefore + 1, track.lastMsn - prefetchCountMax + 1, track.firstMsn);
  for (let msn = first; msn <= track.lastMsn; msn++) {
    const object = node.objects.segmentSlotOf(trackIndex, msn);
    if (node.objects.state[object] !== objectState.absent) continue;
    node.objects.demandedMs[object] = nowMs;
    countOn(node, "prefetch");
    startFill(node, object, nowMs);
  }
}
