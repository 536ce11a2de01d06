/** Reads a response's body piece by piece. */
export class BodyReader {
  receivedBytes = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(response: Response) {
    if (response.body === null) throw new Error("the response has no body");
    this.#reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  /** Reads until so many bytes have come. */
  async atLeast(bytes: number): Promise<void> {
    while (this.receivedBytes < bytes) {
      if (!(await this.#read()))
        throw new Error(`the body ended after ${this.receivedBytes} bytes`);
    }
  }

  /** Reads to the end; throws when the connection is cut. */
  async rest(): Promise<void> {
    let more = true;
    while (more) more = await this.#read();
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    this.receivedBytes += value?.length ?? 0;
    return !done;
  }
}
