/** The k6 of this machine, as an operating error where there is none and none can be built. */
import { AppError } from "../../src/base/errors.ts";
import { k6Path } from "./k6-build.ts";

/**
 * Path of the k6 to run; `say` gets a line before the minute that building it takes. Throws an AppError
 * (TOOL_MISSING) that ends with the command to type.
 */
export async function findOrBuildK6(say: (line: string) => void): Promise<string> {
  try {
    return await k6Path(say);
  } catch (error) {
    throw new AppError("TOOL_MISSING", (error as Error).message, error);
  }
}
