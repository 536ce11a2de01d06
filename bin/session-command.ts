/** How the command line takes `fullhouse session`; what options may be is in session-options.ts. */
import type { Command } from "commander";
import type { SessionArguments } from "./session.ts";

const help = `
FILE of --batch has one JSON object a line: {"manifest", "trace", "abr", "bufferSec", "abandon",
"abandonSemantics", "gammaP", "networkMultiplier", "movieLengthSec", "bufferRule", "movingAverage",
"halfLifeSec": [], "windowSegments": [], "rung"}; the options of the command line count where a line
says nothing. Relative paths in it are looked for beside FILE, then in the working directory. Each
line gives one line: its result, or {"line", "error"}; after an error the exit code is 1.
Numbers agree with those of Sabre (https://github.com/UMass-LIDS/sabre).`;

export function addSession(program: Command): void {
  program
    .command("session")
    .description("one viewer of recorded media over a recorded link, in the formats of Sabre")
    .option("--manifest <file>", "the media: JSON of segment duration, bitrates and sizes")
    .option("--trace <file>", "the link: JSON list of periods with bandwidth and latency")
    .option("--abr <name>", "ABR rule")
    .option("--buffer <sec>", "largest buffer (25)")
    .option("--no-abandon", "give up no download")
    .option("--abandon-semantics <name>", "as-shipped: choose anew, as Sabre does; or repaired")
    .option("--gamma-p <number>", "what BOLA gives for not stalling (5)")
    .option("--network-multiplier <ratio>", "multiplies the trace's bandwidth (1)")
    .option("--movie-length <sec>", "cut or repeat the media to this length")
    .option("--no-buffer-rule", "let rules take rungs that the buffer might not outlast")
    .option("--moving-average <name>", "throughput estimate: ewma, or sliding windows")
    .option("--half-life <sec...>", "half-lives of ewma (3 8)")
    .option("--window-size <segments...>", "windows of sliding (3)")
    .option("--rung <index>", "the rung of the rule fixed, from 0")
    .option("--batch <file>", "many sessions: one JSON object of options a line, one result a line")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (options: SessionArguments) => {
      const { session } = await import("./session.ts");
      session(options);
    });
}
