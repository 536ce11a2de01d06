/**
 * Who may do what at the admin port. Health and metrics are open on loopback only,
 * the API always needs the bearer token, and the Host must be one of ours, so that no web page can
 * reach the port by pointing a name of its own at this machine. The status page's own files hold no
 * data and are open: a browser cannot send a token before it has the page that asks for one.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopbackHost } from "../config/listen-address.ts";

export interface AdminAsk {
  /** Path without query. */
  path: string;
  /** The Host header as sent. */
  host: string | undefined;
  /** The Authorization header as sent. */
  authorization: string | undefined;
  /** Address of the other end of the connection. */
  remote: string | undefined;
}

export type AdminVerdict = "allowed" | "wrong-host" | "no-token";

export function judgeAdminAsk(
  ask: AdminAsk,
  rules: { token: string; allowedHosts: readonly string[] },
): AdminVerdict {
  const host = hostName(ask.host);
  const isOurs = host !== undefined && (isLoopbackHost(host) || rules.allowedHosts.includes(host));
  if (!isOurs) return "wrong-host";
  if (isPagePath(ask.path)) return "allowed";
  const isOpen = !ask.path.startsWith("/api/") && isLoopbackHost(plainAddress(ask.remote));
  return isOpen || carriesToken(ask.authorization, rules.token) ? "allowed" : "no-token";
}

/** Whether the path is the status page's, or of one of its files. */
export function isPagePath(path: string): boolean {
  return path === "/" || path.startsWith("/assets/");
}

/** The name in a Host header, without port and brackets; undefined when it is none. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/.exec(
    (header ?? "").toLowerCase(),
  );
  return match?.[1] ?? match?.[2];
}

/** IPv4 addresses come as `::ffff:127.0.0.1` where the port listens on both families. */
function plainAddress(remote: string | undefined): string {
  return (remote ?? "").replace(/^::ffff:/, "");
}

function carriesToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer ([\w~+/.=-]{1,256})$/.exec(authorization ?? "")?.[1];
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
