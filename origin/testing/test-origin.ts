/** A running origin for tests: free ports, a state folder of its own, a small ladder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "../../src/config/resolve.ts";
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import type { MediaPlaylist } from "../../src/hls/media-playlist.ts";
import type { FeedState, FeedStatus } from "../../src/hls/status.ts";
import { hashStreamKey } from "../ingest/stream-keys.ts";
import { runOrigin, type Program } from "../main.ts";
import { TestPublisher, type TestPublisherOptions } from "./test-publisher.ts";

export const testKey = "a-key-for-tests";

export class TestOrigin {
  readonly stateDir: string;
  readonly #program: Program;
  readonly #publishers: TestPublisher[] = [];

  constructor({ stateDir, program }: { stateDir: string; program: Program }) {
    this.stateDir = stateDir;
    this.#program = program;
  }

  static async start(values: Record<string, unknown> = {}): Promise<TestOrigin> {
    const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-origin-"));
    const resolved = resolveConfig([
      {
        source: "test",
        values: {
          stateDir,
          node: { name: "origin", logLevel: "error" },
          feeds: [{ keyHashes: [hashStreamKey(testKey)] }],
          rtmp: { listen: "127.0.0.1:0" },
          tier: { listen: "127.0.0.1:0" },
          admin: { listen: "127.0.0.1:0" },
          ladder: {
            rungs: [
              { kbps: 150, width: 320, height: 180 },
              { kbps: 300, width: 480, height: 270 },
            ],
          },
        },
      },
      { source: "this test", values },
    ]);
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    try {
      return new TestOrigin({ stateDir, program: await runOrigin(resolved.config) });
    } catch (error) {
      rmSync(stateDir, { recursive: true, force: true });
      throw error;
    }
  }

  get base(): string {
    return `http://127.0.0.1:${this.#program.ports.tier}/live/main`;
  }

  get adminBase(): string {
    return `http://127.0.0.1:${this.#program.ports.admin}`;
  }

  publish(options: Omit<TestPublisherOptions, "url"> = {}): TestPublisher {
    const url = `rtmp://127.0.0.1:${this.#program.ports.rtmp}/live/${testKey}`;
    const publisher = new TestPublisher({ ...options, url });
    this.#publishers.push(publisher);
    return publisher;
  }

  get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.base + path, { redirect: "error", ...init });
  }

  async status(query = ""): Promise<FeedStatus> {
    return (await (await this.get(`/status.json${query}`)).json()) as FeedStatus;
  }

  /** Follows status.json until the feed is in the state. */
  async reaches(state: FeedState): Promise<FeedStatus> {
    let status = await this.status();
    while (status.state !== state) status = await this.status(`?v=${status.version}`);
    return status;
  }

  async playlist(rung: string, query = ""): Promise<MediaPlaylist> {
    const response = await this.get(`/${rung}/index.m3u8${query}`);
    const result = readMediaPlaylist(await response.text());
    if (!result.ok) throw new Error(`${response.status}: ${JSON.stringify(result.problems)}`);
    return result.playlist;
  }

  /** Follows a playlist by blocking reloads until it satisfies the condition. */
  async playlistUntil(
    rung: string,
    condition: (playlist: MediaPlaylist) => boolean,
  ): Promise<MediaPlaylist> {
    let playlist = await this.playlist(rung);
    while (!condition(playlist)) {
      const next = playlist.mediaSequence + playlist.segments.length;
      const response = await this.get(`/${rung}/index.m3u8?_HLS_msn=${next}`);
      const result = readMediaPlaylist(await response.text());
      if (result.ok) playlist = result.playlist;
      else if (response.status !== 503) throw new Error(`status ${response.status}`);
    }
    return playlist;
  }

  async close(): Promise<void> {
    for (const publisher of this.#publishers) await publisher.kill();
    await this.#program.close();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
