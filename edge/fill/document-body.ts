/** The body of a document from a parent, which may be packed. */
import { gunzipSync } from "node:zlib";
import { playlistCharsMax } from "../../src/hls/read-media-playlist.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface DocumentBody {
  plain: Buffer;
  /** As it came, if it was packed. */
  gzip: Buffer | undefined;
  text(): string;
}

/** The body, unpacked; undefined when its encoding is unknown or broken, or it is too long. */
export function readDocumentBody(raw: Buffer, headers: Headers): DocumentBody | undefined {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "gzip" && encoding !== "identity") return undefined;
  const plain = encoding === "gzip" ? gunzip(raw) : raw;
  if (plain === undefined) return undefined;
  const gzip = encoding === "gzip" ? raw : undefined;
  return { plain, gzip, text: () => plain.toString("utf8") };
}

function gunzip(raw: Buffer): Buffer | undefined {
  try {
    return gunzipSync(raw, { maxOutputLength: playlistCharsMax });
  } catch {
    // A parent's bad compression is no document; the caller maps it to a parent's failure.
    return undefined;
  }
}
