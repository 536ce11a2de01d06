/** The log of one process: JSON lines on standard error, by pino. */
import { destination, pino, type Logger } from "pino";

export type Log = Logger;

export function createLog({ level, node }: { level: string; node: string }): Log {
  return pino(
    { level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ dest: 2, sync: true }),
  );
}
