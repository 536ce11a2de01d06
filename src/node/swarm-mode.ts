/** `/api/swarm` of origin and edge: what both take. */
import { AppError } from "../base/errors.ts";
import type { Config } from "../config/schema.ts";

export type SwarmMode = Config["swarm"]["mode"];

const swarmModes: readonly SwarmMode[] = ["off", "on", "auto"];

/** The mode that a call asks for; null: that of the configuration again. Throws REQUEST_INVALID. */
export function readSwarmMode(body: unknown): SwarmMode | null {
  const mode = typeof body === "object" && body !== null && "mode" in body ? body.mode : undefined;
  if (mode === null) return null;
  const known = swarmModes.find((name) => name === mode);
  if (known === undefined) {
    const names = swarmModes.map((name) => `"${name}"`).join(", ");
    throw new AppError("REQUEST_INVALID", `mode must be one of ${names}, or null (as configured)`);
  }
  return known;
}
