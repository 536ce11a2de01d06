/** Content coding by negotiation (RFC 9110 section 12.5.3): only gzip is ever offered. */

const gzipWeight = /(?:^|,)[ \t]*(?:x-)?gzip[ \t]*(?:;[ \t]*q=([\d.]+)[ \t]*)?(?:,|$)/i;
const otherWeight = /(?:^|,)[ \t]*\*[ \t]*(?:;[ \t]*q=([\d.]+)[ \t]*)?(?:,|$)/;

/** Whether a client with this Accept-Encoding takes gzip: named, or by `*`, and not with q=0. */
export function acceptsGzip(acceptEncoding: string): boolean {
  const weight = gzipWeight.exec(acceptEncoding) ?? otherWeight.exec(acceptEncoding);
  return weight !== null && Number(weight[1] ?? 1) > 0;
}
