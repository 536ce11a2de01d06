import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TrackSockets } from "./track-sockets.ts";

test("what a writer sent is all read before the sockets close, even if it just connected", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fullhouse-sockets-"));
  const sockets = new TrackSockets();
  let byteCount = 0;
  const path = join(folder, "track.sock");
  const unused = join(folder, "unused.sock");
  await sockets.listen([
    { path, bytes: (bytes) => (byteCount += bytes.length) },
    { path: unused, bytes: () => undefined },
  ]);
  const writer = connect(path);
  await once(writer, "connect");
  writer.end(new Uint8Array(8_000_000));
  await sockets.drainAndClose();
  expect(byteCount).toBe(8_000_000);
  const late = connect(unused);
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  expect(["ENOENT", "ECONNREFUSED"]).toContain(error.code);
  await rm(folder, { recursive: true });
});
