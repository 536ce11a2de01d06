/** What a reader has to know before believing the figures of a load test. */
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { WireSetup } from "./wire-setup.ts";

export function caveatsOf(
  scenario: Scenario,
  { setup, isOwn, hasModel }: { setup: WireSetup; isOwn: boolean; hasModel: boolean },
): string[] {
  const isEmulated = setup.links.length > 0;
  return [
    ...(isOwn
      ? [
          "Servers, emulator, model and generator share this machine, so each is slower than alone.",
          "Everything goes over loopback: no loss, no reordering, no network card.",
        ]
      : ["The target is not ours: its tiers, fills and CPU were not seen."]),
    isEmulated
      ? "Viewers' lines are emulated as a rate and a round trip a connection, without TCP's slow start."
      : "Viewers' lines are not emulated: everybody has what the machine gives.",
    "A real viewer makes its requests one after another, and k6 cannot break one off: who leaves during a download is counted as gone, its bytes as sent.",
    ...(scenario.wire.source === "replay" && isOwn
      ? ["The origin replays a recording, so that no encoder takes the CPU."]
      : []),
    ...(hasModel
      ? [
          "Modelled figures are the simulator's, under the scenario's assumptions (docs/simulator.md).",
          `One second of the load test is ${scenario.wire.timeRatio} of the modelled night; real viewers live in real seconds.`,
        ]
      : []),
    ...(hasModel && scenario.events.length > 0
      ? ["The scenario's events happen in the model only: real edges and caps stay as they are."]
      : []),
    ...(scenario.swarm.participationRatio > 0
      ? ["Viewers who help each other are modelled only: real ones fetch everything from edges."]
      : []),
  ];
}
