/** Segments as the room announces them: what the relay's cache holds whole, by name and digest. */
import type { SegmentFacts } from "../../src/swarm/segment.ts";
import { objectState, tracksPerFeed } from "../../src/relay/objects.ts";
import { segmentOf } from "../../src/relay/window.ts";
import type { RelayDriver } from "../fill/relay-driver.ts";

/** Segments of before a viewer came that it is told of: it starts three behind the newest. */
const recentCountMax = 5;

const digestStart = "sha-256=:".length;

export interface Announcement {
  feed: number;
  facts: SegmentFacts;
  /** Whether it is one of the newest two that the rung lists: older ones were asked for late. */
  isNew: boolean;
}

/** The segment whose fill has ended; undefined when it is listed no more. */
export function announcementOf(driver: RelayDriver, object: number): Announcement | undefined {
  const { objects, tracks } = driver.node.state;
  const track = tracks[objects.track[object]!]!;
  const msn = objects.msn[object]!;
  if (!track.listed || msn < track.firstMsn || msn > track.lastMsn) return undefined;
  const facts = factsOf(driver, { object, rung: track.rung });
  return facts && { feed: track.feed, facts, isNew: msn >= track.lastMsn - 1 };
}

/** The newest segments of a rung that are whole in the cache, oldest first. */
export function recentSegments(
  driver: RelayDriver,
  { feed, rung }: { feed: number; rung: number },
): SegmentFacts[] {
  const { tracks } = driver.node.state;
  const first = feed * tracksPerFeed;
  const index = tracks.findIndex(
    (track, at) => at >= first && at < first + tracksPerFeed && track.rung === rung,
  );
  const track = tracks[index];
  if (track?.listed !== true) return [];
  const all: SegmentFacts[] = [];
  const oldestMsn = Math.max(track.firstMsn, track.lastMsn - recentCountMax + 1);
  for (let msn = oldestMsn; msn <= track.lastMsn; msn++) {
    const facts = factsOf(driver, { object: listedObject(driver, index, msn), rung });
    if (facts !== undefined) all.push(facts);
  }
  return all;
}

/** The slot of a listed segment, whatever its epoch. */
function listedObject(driver: RelayDriver, track: number, msn: number): number {
  const { objects } = driver.node.state;
  const epoch = objects.epoch[objects.segmentSlotOf(track, msn)]!;
  return segmentOf(driver.node.state, track, { epoch, msn });
}

function factsOf(
  driver: RelayDriver,
  { object, rung }: { object: number; rung: number },
): SegmentFacts | undefined {
  const { objects } = driver.node.state;
  if (object === -1 || objects.state[object] !== objectState.complete) return undefined;
  const entity = driver.entityOf(object);
  if (entity?.isComplete !== true) return undefined;
  return {
    rung,
    epoch: objects.epoch[object]!,
    msn: objects.msn[object]!,
    bytes: entity.totalBytes,
    sha256: Buffer.from(entity.digest.slice(digestStart, -1), "base64").toString("hex"),
  };
}
