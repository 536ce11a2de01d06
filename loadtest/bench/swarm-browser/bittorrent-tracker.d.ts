/** The part in use of a package that brings no types. */
declare module "bittorrent-tracker/server" {
  import type { Server as HttpServer } from "node:http";

  export default class Server {
    readonly http: HttpServer;
    constructor(options: { http: boolean; udp: boolean; ws: boolean; stats: boolean });
    listen(port: number, host: string, listening: () => void): void;
    close(closed: () => void): void;
    on(event: "error" | "warning", listener: (error: Error) => void): void;
  }
}
