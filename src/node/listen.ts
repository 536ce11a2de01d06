/** Starts a Node server on a configured address, with errors that say what to do. */
import type { Server } from "node:net";
import { AppError } from "../base/errors.ts";
import { parseListenAddress, type ListenAddress } from "../config/listen-address.ts";

/** Listens and returns the port, which differs from the address's when that is 0. */
export async function listenOn(
  server: Server,
  listen: string,
  { port: portName }: { port: string },
): Promise<number> {
  const address = addressOf(listen, portName);
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(listenError(error, listen, portName));
    server.once("error", refuse);
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      server.off("error", refuse);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : address.port;
}

export function addressOf(listen: string, portName: string): ListenAddress {
  const address = parseListenAddress(listen);
  if (address === undefined) {
    throw new AppError("CONFIG_INVALID", `the ${portName} address "${listen}" is not host:port`);
  }
  return address;
}

export function listenError(error: NodeJS.ErrnoException, listen: string, port: string): AppError {
  if (error.code === "EADDRINUSE") {
    return new AppError(
      "PORT_TAKEN",
      `the ${port} port ${listen} is taken: stop the other program or configure another port`,
      error,
    );
  }
  return new AppError(
    "LISTEN_FAILED",
    `cannot listen on ${listen} for the ${port} port: ${error.message}`,
    error,
  );
}
