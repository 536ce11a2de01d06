/** `fullhouse key`: makes a stream key with its hash, or hashes one that exists already. */
import { readFileSync } from "node:fs";
import { generateStreamKey, hashStreamKey } from "../origin/ingest/stream-keys.ts";
import { AppError } from "../src/base/errors.ts";

/** Prints the hash alone for a key that was given (`-`: on standard input), both for a new one. */
export function key(given: string | undefined): void {
  if (given === undefined) {
    const streamKey = generateStreamKey();
    console.log(`Stream key       ${streamKey}`);
    console.log(`feeds.keyHashes  ${hashStreamKey(streamKey)}`);
    return;
  }
  const streamKey = given === "-" ? (readFileSync(0, "utf8").split(/\r?\n/, 1)[0] ?? "") : given;
  if (streamKey === "") throw new AppError("USAGE", "an empty stream key cannot be published with");
  console.log(hashStreamKey(streamKey));
}
