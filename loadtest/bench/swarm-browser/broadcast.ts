/** A live feed of one rung with the segments of a task, and the edge that viewers of it ask. */
import { recordLadder } from "../../../src/node/testing/recorded-ladder.ts";
import { startEdgeBelow, type EdgeBelow } from "../../peers/edge-below.ts";
import { loopedMedia } from "../../peers/looped-media.ts";
import { startScriptedOrigin } from "../../peers/scripted-origin.ts";
import { kbps, type Task } from "./settings.ts";

export interface Broadcast {
  edge: EdgeBelow;
  targetDurationSec: number;
  segmentDurationMs: number;
  nextListedUnixMs(): number;
  stop(): Promise<void>;
}

export async function startBroadcast(task: Task): Promise<Broadcast> {
  const { framesPerSegment, recordedCount, playlistCount, holdBackSec } = task;
  const ladder = await recordLadder({ framesPerSegment, segmentCount: recordedCount });
  const segmentDurationMs = ladder.segmentDurationSec * 1_000;
  const origin = await startScriptedOrigin({
    feed: "main",
    rungs: [{ kbps, width: 480, height: 270 }],
    segmentDurationMs,
    playlistCount,
    media: loopedMedia(
      ladder.rungs.filter(({ rung }) => rung === String(kbps)),
      ladder.segmentDurationSec,
    ),
    p2p: "on",
    ...(holdBackSec === null ? {} : { holdBackSec }),
  });
  try {
    const edge = await startEdgeBelow({
      parentUrl: origin.url,
      // Four viewers make a cell, of which one has to ask the edge: 75 % at best.
      settings: { "swarm.mode": "on", "swarm.seedCount": "1" },
    });
    return {
      edge,
      targetDurationSec: Math.round(ladder.segmentDurationSec),
      segmentDurationMs,
      nextListedUnixMs: () => origin.nextListedUnixMs(),
      stop: async () => {
        await edge.stop();
        await origin.close();
      },
    };
  } catch (error) {
    await origin.close();
    throw error;
  }
}
