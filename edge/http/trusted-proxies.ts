/**
 * Whose word is taken for where a viewer is: that of the proxies in front of this edge, in
 * X-Forwarded-For, where each proxy appends whom it was asked by. Anybody may send the header, so it
 * is read from its end, and only as far as those go who are trusted.
 */
import {
  addressBytes,
  addressGroups,
  isWithin,
  readNetwork,
  type IpNetwork,
} from "../../src/base/ip-address.ts";
import type { UwsRequest, UwsResponse } from "./uws.ts";

const header = "x-forwarded-for";
/** Some proxies name ports as well. */
const withPort = /^(?:\[([^\]]*)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5})$/;

/** Whoever sent a request, by its address in network byte order. */
export type RequestSender = Pick<UwsResponse, "getRemoteAddress">;

export class TrustedProxies {
  readonly #networks: readonly IpNetwork[];

  /** Addresses and networks in the form that `readNetwork` reads. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.flatMap((text) => readNetwork(text) ?? []);
  }

  /** Address of the viewer who asks, as text; "" when a proxy that is trusted names none. */
  addressOf(response: Pick<UwsResponse, "getRemoteAddressAsText">, request: UwsRequest): string {
    const peer = Buffer.from(response.getRemoteAddressAsText()).toString("latin1");
    if (this.#networks.length === 0 || !this.#isTrusted(peer)) return peer;
    const lines: string[] = [];
    request.forEach((key, value) => {
      if (key === header) lines.push(value);
    });
    return this.#forwardedFor(lines.join(",")) ?? peer;
  }

  /** The viewer who asks; to be called within the request's handler. */
  senderOf(response: UwsResponse, request: UwsRequest): RequestSender {
    if (this.#networks.length === 0) return response;
    const bytes = addressBytes(this.addressOf(response, request));
    return { getRemoteAddress: () => bytes };
  }

  /** The last who is not trusted, or the first of all; undefined for an empty header. */
  #forwardedFor(text: string): string | undefined {
    let first: string | undefined;
    for (const hop of text.split(",").reverse()) {
      const named = hop.trim();
      if (named === "") continue;
      const match = withPort.exec(named);
      const address = match?.[1] ?? match?.[2] ?? named;
      if (addressGroups(address) === undefined) return "";
      if (!this.#isTrusted(address)) return address;
      first = address;
    }
    return first;
  }

  #isTrusted(address: string): boolean {
    const groups = addressGroups(address);
    return groups !== undefined && this.#networks.some((network) => isWithin(groups, network));
  }
}
