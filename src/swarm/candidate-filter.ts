/**
 * ICE candidates (RFC 8839) as an edge passes them between viewers: no address but the sender's own
 * leaves it. What passes is written anew from the fields that were understood, so that nothing else
 * comes along: no private address of a related candidate, no network's name or cost.
 */
import { shownAddress } from "../base/shown-address.ts";

/** What the room knows of the viewer who sends. */
export interface SignalSender {
  /** Remote address of its socket, as the engine gives it. */
  address: string;
  /** Whether a TURN server that viewers are told of relays from there; asked in the one form. */
  isRelay: (address: string) => boolean;
}

/** A browser names its own address within a network by such a name (mDNS), and nobody else's. */
const mdnsName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.local$/i;
const addressText = /^[0-9a-f:.]{2,45}$/i;

const head =
  /^candidate:([A-Za-z0-9+/]{1,32}) (1|2) (udp|tcp) (\d{1,10}) (\S+) (\d{1,5}) typ (\S+)/i;
const tcpType = / tcptype (active|passive|so)(?= |$)/;
/** Tells to which description of the sender it belongs. */
const ufrag = / ufrag ([A-Za-z0-9+/]{4,256})(?= |$)/;

/** The candidate as it may be passed on, without `a=`; undefined when it may not. */
export function passableCandidate(text: string, sender: SignalSender): string | undefined {
  const fields = head.exec(text);
  if (fields === null) return undefined;
  const [matched, foundation, component, transport, priority, named, portText, type] = fields;
  const port = Number(portText);
  if (port < 1 || port > 65_535 || Number(priority) >= 2 ** 32) return undefined;
  const address = passableAddress({ type: type!, address: named! }, sender);
  if (address === undefined) return undefined;
  const rest = text.slice(matched.length);
  const none = address.includes(":") ? "::" : "0.0.0.0";
  const more = [
    type === "host" ? "" : ` raddr ${none} rport 0`,
    tcpType.exec(rest)?.[0] ?? "",
    ufrag.exec(rest)?.[0] ?? "",
  ];
  const first = `candidate:${foundation} ${component} ${transport} ${priority}`;
  return `${first} ${address} ${port} typ ${type}${more.join("")}`;
}

/**
 * The address in its one form, for there are others that different readers take for different
 * addresses (`010.0.0.1`).
 */
function passableAddress(
  { type, address }: { type: string; address: string },
  sender: SignalSender,
): string | undefined {
  if (mdnsName.test(address)) return type === "host" ? address : undefined;
  if (!addressText.test(address)) return undefined;
  const written = shownAddress(address, "full");
  if (type === "relay") return written !== "" && sender.isRelay(written) ? written : undefined;
  if (type !== "host" && type !== "srflx") return undefined;
  return written !== "" && written === shownAddress(sender.address, "full") ? written : undefined;
}
