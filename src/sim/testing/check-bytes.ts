/**
 * Bytes and media are conserved: every byte that viewers got was sent by an edge or a peer, each tier
 * fetched what it sent on once, and media that came was played, buffered or discarded.
 */
import { assert } from "../../base/assert.ts";
import type { ModelReport } from "../../config/schema-model-report.ts";
import { act, type World } from "../world.ts";
import { Checker, endsBody } from "./checker.ts";

/** Of media time: milliseconds are not whole in the sums. */
const mediaTolerance = 0.001;

export class CheckBytes extends Checker {
  /** Bytes of complete bodies, and at least of those that were broken, as events show them. */
  #completeBytes = 0;
  #brokenCount = 0;
  #bodyBytesMax = 0;
  #weight = 1;

  begin({ plan }: World): void {
    this.#weight = plan.scenario.audience.sampleWeight;
  }

  beforeEvent(world: World, i: number): void {
    if (!endsBody(world, i)) return;
    if (world.nextUs[i]! >= world.bodyDoneUs[i]!) this.#completeBytes += world.bodyBytes[i]!;
    else this.#brokenCount++;
  }

  beforeTurn(world: World, turn: { failOver: boolean }): void {
    if (turn.failOver) this.#brokenCount += world.plan.viewerCount;
  }

  end(world: World): void {
    const isUnderWay = (kind: number): boolean => kind === act.finish || kind === act.flowing;
    this.#brokenCount += world.act.filter(isUnderWay).length;
    this.#bodyBytesMax = Math.max(...world.plan.sizeBytes);
  }

  protected override conclude({ conservation, headline, events, relay }: ModelReport): void {
    const of = (name: keyof typeof conservation): number => {
      const value = conservation[name];
      assert(typeof value === "number", "small nights count below 2^53");
      return value;
    };
    const viewerBytes = of("viewerBytes");
    const sentBytes = of("edgeEgressBytes") + of("peerBytes");
    this.require(viewerBytes > 0, () => "nobody got anything");
    this.require(viewerBytes === sentBytes, () => `got ${viewerBytes}, but ${sentBytes} were sent`);
    this.require(
      viewerBytes >= this.#weight * this.#completeBytes &&
        viewerBytes <=
          this.#weight * (this.#completeBytes + this.#brokenCount * this.#bodyBytesMax),
      () => `counted ${viewerBytes}, complete bodies had ${this.#completeBytes}`,
    );
    const [filled, unique] = [of("edgeFillBytes"), of("uniqueFillBytes")];
    const isFaultless = !events.some(({ kind }) => kind.endsWith("-down"));
    this.require(filled >= unique, () => `filled ${filled} of ${unique} unique bytes`);
    this.require(!isFaultless || filled === unique, () => `${filled - unique} filled twice`);
    this.require(!isFaultless || relay.retryCount === 0, () => `${relay.retryCount} retries`);
    const downloadedMs = of("downloadedMs");
    const accountedMs = of("playedMs") + of("bufferedMs") + of("discardedMs");
    this.require(
      Math.abs(accountedMs / downloadedMs - 1) <= mediaTolerance,
      () => `downloaded ${downloadedMs} ms of media, accounted for ${accountedMs}`,
    );
    this.require(headline.fillGbps < headline.egressGbpsMean, () => "fill above egress");
  }
}
