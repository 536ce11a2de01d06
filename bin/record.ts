/** `fullhouse record`: makes the folder that `origin.source replay:DIR` loops. */
import { recordReplay } from "../origin/transcode/record-replay.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";

export interface RecordArguments extends ConfigOptions {
  dir: string;
  input?: string;
  seconds: number;
}

export async function record({ dir, input, seconds, ...options }: RecordArguments): Promise<void> {
  const { config } = configOf(options);
  const result = await recordReplay({ config, dir, seconds, input });
  const megabytes = (result.byteCount / 1e6).toFixed(1);
  console.log(`${dir}: ${result.seconds} s of ${result.rungs.join(", ")}, ${megabytes} MB`);
  console.log(`Replay it with: fullhouse start --set origin.source=replay:${dir}`);
}
