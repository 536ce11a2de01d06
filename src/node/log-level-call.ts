/** `/api/log` of an admin port: reads and sets how severe a line must be to be written, until the end. */
import { AppError } from "../base/errors.ts";
import { logLevels } from "../config/schema.ts";
import type { AdminHandler } from "./admin-server.ts";
import type { Log } from "./log.ts";

export function logLevelCall(log: Log): AdminHandler {
  return ({ method, body }) => {
    if (method === "POST") log.level = levelIn(body);
    return { level: log.level };
  };
}

function levelIn(body: unknown): string {
  const level = typeof body === "object" && body !== null && "level" in body ? body.level : body;
  const known = logLevels.find((name) => name === level);
  if (known === undefined) {
    throw new AppError("REQUEST_INVALID", `level must be one of ${logLevels.join(", ")}`);
  }
  return known;
}
