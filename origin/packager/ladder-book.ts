/** The ladder document of a feed: what is offered, as measured, with a version that only rises. */
import type { Clock } from "../../src/base/clock.ts";
import {
  averageBandwidthBitsPerSec,
  bandwidthBitsPerSec,
  type LadderRung,
} from "../../src/govern/effective-ladder.ts";
import type { LadderDocument, LadderVariant } from "../../src/hls/ladder-document.ts";
import { writeMultivariantPlaylist } from "../../src/hls/write-multivariant-playlist.ts";
import { targetDurationSec } from "../../src/media/grid.ts";
import { renderedText, type RenderedText } from "./media-object.ts";
import type { RungInit } from "./rung-init.ts";
import { RungMeter } from "./rung-meter.ts";

export class LadderBook {
  readonly #clock: Clock;
  #meters = new Map<string, RungMeter>();
  #variants = new Map<string, LadderVariant>();
  /** The variants as last published. */
  #published = "";
  #lastVersion = 0;
  #rendered: { document: RenderedText; multivariant: RenderedText } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get document(): RenderedText | undefined {
    return this.#rendered?.document;
  }

  get multivariant(): RenderedText | undefined {
    return this.#rendered?.multivariant;
  }

  /** 0 while there is no ladder. */
  get version(): number {
    return this.#rendered === undefined ? 0 : this.#lastVersion;
  }

  /** Measures anew; the ladder stays until the first segment says otherwise. */
  startBroadcast(): void {
    this.#meters = new Map();
    this.#variants = new Map();
  }

  forget(): void {
    this.startBroadcast();
    this.#rendered = undefined;
    this.#published = "";
  }

  meter(rung: LadderRung): RungMeter {
    let meter = this.#meters.get(rung.rung);
    if (meter === undefined) {
      meter = new RungMeter({
        targetDurationSec,
        bandwidthBitsPerSec: bandwidthBitsPerSec(rung),
        averageBitsPerSec: averageBandwidthBitsPerSec(rung),
      });
      this.#meters.set(rung.rung, meter);
    }
    return meter;
  }

  /** Notes what the newest segment says of a rung; rungs come in ladder order. */
  describe(rung: LadderRung, init: RungInit): void {
    const { codecs, width, height, frameRate } = init;
    this.#variants.set(rung.rung, {
      rung: rung.rung,
      bandwidthBitsPerSec: bandwidthBitsPerSec(rung),
      averageBandwidthBitsPerSec: this.meter(rung).averageBitsPerSec,
      codecs,
      ...(width === undefined || height === undefined ? {} : { width, height }),
      ...(frameRate === undefined ? {} : { frameRate }),
      stableVariantId: rung.rung,
    });
  }

  /** Makes a new version if anything was noted that differs. */
  publish(): void {
    const variants = [...this.#variants.values()];
    const text = JSON.stringify(variants);
    if (text === this.#published) return;
    this.#published = text;
    // Begins at the clock, so that it rises over restarts of the program too.
    this.#lastVersion = Math.max(this.#lastVersion + 1, Math.floor(this.#clock.unixMs()));
    const version = this.#lastVersion;
    const document: LadderDocument = { version, targetDurationSec, variants };
    this.#rendered = {
      document: renderedText(`${JSON.stringify(document)}\n`),
      multivariant: renderedText(writeMultivariantPlaylist(document)),
    };
  }
}
