/** What an exchange needs of a connection, whichever engine serves it. */
export interface ResponsePort {
  /** A whole response; the body is small and may be copied. `contentLength` only without a body. */
  reply(response: {
    status: number;
    head: string;
    body: Uint8Array | undefined;
    contentLength?: number;
  }): void;
  /** Status and headers of a body of `totalBytes`, which `offer` brings. */
  begin(response: { status: number; head: string; totalBytes: number }): void;
  /**
   * Offers the next bytes, shared and never copied. False when the client is not ready for more:
   * then the exchange's `writable` is called once it is.
   */
  offer(chunk: Uint8Array): boolean;
  /** Bytes of the body that the connection has taken so far. */
  takenBytes(): number;
  /** Ends the connection at once. */
  abort(): void;
  /** Who asks, as text; "" once the connection cannot say any more. */
  clientAddress(): string;
}

/** Events of the connection, for the exchange. */
export interface PortEvents {
  writable(): void;
  /** The client is gone; the port must not be used any more. */
  gone(): void;
}
