/** The option --pretty of the programs: their log for people instead of as JSON lines. */
import type { DestinationStream } from "pino";

export interface PrettyOption {
  pretty?: boolean;
}

/** Where the log goes; undefined: as it is to standard error. */
export async function logStreamOf({
  pretty,
}: PrettyOption): Promise<DestinationStream | undefined> {
  if (pretty !== true) return undefined;
  const { prettyStream } = await import("../src/node/pretty-log.ts");
  return prettyStream();
}
