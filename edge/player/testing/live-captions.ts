/** WebVTT captions of a test broadcast (RFC 8216bis 4.4.6.1 and 3.1.4): a line a segment. */

/** EXT-X-MEDIA of each language; the first one is the default. */
export function captionsMedia(languages: readonly string[]): string[] {
  return languages.map(
    (language, index) =>
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="${nameOf(language)}",` +
      `LANGUAGE="${language}",DEFAULT=${index === 0 ? "YES" : "NO"},AUTOSELECT=YES,` +
      `URI="captions-${language}/index.m3u8"\n`,
  );
}

export function streamInfWithCaptions(streamInf: string, languages: readonly string[]): string {
  return languages.length === 0 ? streamInf : `${streamInf},SUBTITLES="captions"`;
}

/** One segment of captions, on the timeline of the media. */
export function captionsText(
  language: string,
  { fromSec, toSec, index }: { fromSec: number; toSec: number; index: number },
): string {
  return [
    "WEBVTT",
    "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000",
    "",
    `${timeText(fromSec)} --> ${timeText(toSec)}`,
    `${nameOf(language)} line ${index}`,
    "",
  ].join("\n");
}

function nameOf(language: string): string {
  return new Intl.DisplayNames("en", { type: "language" }).of(language) ?? language;
}

function timeText(sec: number): string {
  return new Date(sec * 1_000).toISOString().slice(11, 23);
}
