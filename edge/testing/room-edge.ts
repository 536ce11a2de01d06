/** A real edge below a scripted parent, and viewers in its room; all of it ends with the test. */
import { vi } from "vitest";
import { RoomTestClient, type EnterOptions } from "./room-client.ts";
import { ScriptedParent, type ScriptedParentOptions } from "./scripted-parent.ts";
import { startRelay, type TestRelay } from "./test-edge.ts";

export interface RoomEdge {
  edge: TestRelay;
  parent: ScriptedParent;
  /** Opens a viewer's socket, and waits for its welcome. */
  enter(options?: EnterOptions): Promise<RoomTestClient>;
  /** Opens one who shares the rung, and waits until it is in a cell. */
  share(rung?: number): Promise<RoomTestClient>;
  close(): Promise<void>;
}

export async function startRoomEdge(
  values: Record<string, unknown> = {},
  parentOptions: ScriptedParentOptions = {},
): Promise<RoomEdge> {
  const parent = await ScriptedParent.start(parentOptions);
  const edge = await startRelay({
    parents: [parent.url],
    admin: { listen: "127.0.0.1:0" },
    swarm: { mode: "on" },
    ...values,
  });
  // Nothing is on before a parent has said what the feed does.
  const isReady = async () => (await fetch(`${edge.adminUrl}/readyz`)).ok;
  await vi.waitUntil(isReady, { timeout: 5_000 });
  const viewers: RoomTestClient[] = [];
  const enter: RoomEdge["enter"] = async (options) => {
    const viewer = await RoomTestClient.enter(edge.viewerUrl, options);
    viewers.push(viewer);
    return viewer;
  };
  return {
    edge,
    parent,
    enter,
    share: async (rung = 300) => {
      const viewer = await enter();
      viewer.send({ kind: "watch", rung, share: "both" });
      await viewer.next("cell");
      return viewer;
    },
    close: async () => {
      for (const viewer of viewers) viewer.close();
      await edge.close();
      await parent.stop();
    },
  };
}
