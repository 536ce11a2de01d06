/**
 * The process of a crowd: takes its options by IPC, sends its result, and ends. WebRTC in Node is
 * native threads, which want a process of their own and to be closed at its end.
 */
import { runCrowd } from "./crowd.ts";
import type { CrowdOptions } from "./crowd-options.ts";
import { closeWebRtc } from "./node-ports.ts";

// Its parent has died: nobody wants the result.
process.once("disconnect", () => process.exit(1));
process.once("message", (options: CrowdOptions) => {
  void run(options);
});

async function run(options: CrowdOptions): Promise<void> {
  const result = await runCrowd(options);
  closeWebRtc();
  process.send!({ result }, () => process.exit(0));
}
