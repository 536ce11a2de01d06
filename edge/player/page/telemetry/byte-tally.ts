/** Bytes of fetches that report how far they are, while they come as well as after. */
export class ByteTally {
  readonly #running = new Set<{ readonly loaded: number }>();
  #endedBytes = 0;

  /** `loaded` is read until the fetch is over, whole or not, which the result says. */
  begin(fetch: { readonly loaded: number }): () => void {
    this.#running.add(fetch);
    return () => {
      if (this.#running.delete(fetch)) this.#endedBytes += fetch.loaded;
    };
  }

  get bytes(): number {
    let bytes = this.#endedBytes;
    for (const { loaded } of this.#running) bytes += loaded;
    return bytes;
  }
}
