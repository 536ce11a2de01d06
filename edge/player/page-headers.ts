/** The response headers of the player page: what a browser may do with it, and for how long. */
import { createHash } from "node:crypto";
import type { BuiltFile } from "./page-template.ts";

export type PageKind = "watch" | "embed" | "plain";

/**
 * Headers of an HTML page. Scripts run from our own files and from the one inline script whose hash
 * is named; styles may be inline because media-chrome's elements bring theirs in shadow roots.
 */
export function pageHeaders(kind: PageKind, html: string): Record<string, string> {
  return {
    "Cache-Control": "no-cache",
    ETag: etagOf(Buffer.from(html)),
    "Content-Security-Policy": contentSecurityPolicy(kind, html),
    "X-Content-Type-Options": "nosniff",
    // A viewer's token may stand in the path: it is nobody else's business.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  };
}

/** An SVG is a page when it is opened alone: one that draws, and does nothing. */
const drawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/** Headers of a content-hashed file: its name changes when it does. */
export function fileHeaders({ contentType, bytes }: BuiltFile): Record<string, string> {
  return {
    ...(contentType === "image/svg+xml" ? { "Content-Security-Policy": drawingPolicy } : {}),
    "Cache-Control": "public, max-age=31536000, immutable",
    ETag: etagOf(bytes),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  };
}

function contentSecurityPolicy(kind: PageKind, html: string): string {
  const directives: Record<string, string> = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": kind === "embed" ? "*" : "'self'",
  };
  if (kind === "plain") {
    directives["style-src"] = inlineHashes(html, "style");
    directives["img-src"] = "'self'";
  } else {
    directives["script-src"] = `'self' ${inlineHashes(html, "script")}`;
    directives["style-src"] = "'self' 'unsafe-inline'";
    directives["img-src"] = "'self' data:";
    // data: hls.js makes a track for captions by an empty one.
    directives["media-src"] = "'self' blob: data:";
    directives["connect-src"] = "'self'";
    directives["worker-src"] = "blob:";
  }
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}

function inlineHashes(html: string, tag: "script" | "style"): string {
  const blocks = html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"));
  const hashes = [...blocks].map(([, content = ""]) => {
    return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  });
  return hashes.join(" ");
}

/** Weak: it stands for the plain bytes and the compressed ones. */
function etagOf(bytes: Uint8Array): string {
  return `W/"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;
}
