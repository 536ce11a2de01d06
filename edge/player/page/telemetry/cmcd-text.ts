/**
 * What the page says of itself, as CMCD: version 1 in the query of media playlists, version 2 in
 * events (CTA-5004 and 5004-B). Numbers are rounded as the standard asks, which also keeps them from
 * telling one device from another. Pure.
 */

/** Tokens of `sta`. */
export type PlayToken = "s" | "p" | "r" | "a" | "e" | "f" | "q";

/** How playback stands; null for what is not known. */
export interface PlayFacts {
  bufferMs: number | null;
  throughputKbps: number | null;
  /** The rung on the screen. */
  rungKbps: number | null;
  latencyMs: number | null;
  playbackRate: number;
}

type Value = string | number | boolean | null;

/** `?CMCD=…` without the question mark, for a media playlist's URL. */
export function cmcdQuery(options: {
  sid: string;
  cid: string;
  facts: PlayFacts;
  /** The picture is awaited: at the start, or again. */
  isStartup: boolean;
  /** It stopped since the playlist before. */
  isStarved: boolean;
}): string {
  const { sid, cid, facts, isStartup, isStarved } = options;
  const text = dictionary({
    bl: hundreds(facts.bufferMs),
    br: whole(facts.rungKbps),
    bs: isStarved,
    cid: quoted(cid),
    mtp: hundreds(facts.throughputKbps),
    ot: "m",
    pr: facts.playbackRate === 1 ? null : Number(facts.playbackRate.toFixed(2)),
    sf: "h",
    sid: quoted(sid),
    st: "l",
    su: isStartup,
  });
  return `CMCD=${encodeURIComponent(text)}`;
}

/** One line of a post: an event, with how playback stands. */
export function cmcdEvent(options: {
  /** `ps`: the state changed; `t`: time passed; `e`: an error nothing is done about. */
  event: "ps" | "t" | "e";
  sid: string;
  cid: string;
  state: PlayToken;
  atUnixMs: number;
  /** Counts the session's events. */
  number: number;
  facts: PlayFacts;
  stallCount: number;
  stallMs: number;
  /** Time to the first picture; said once. */
  startupMs: number | null;
  errorCode: string | null;
}): string {
  const { facts } = options;
  return dictionary({
    bl: listed(hundreds(facts.bufferMs)),
    br: listed(whole(facts.rungKbps)),
    bsa: listed(options.stallCount),
    bsda: listed(whole(options.stallMs)),
    cid: quoted(options.cid),
    e: options.event,
    ec: options.errorCode === null ? null : `(${quoted(options.errorCode)})`,
    ltc: whole(facts.latencyMs),
    msd: whole(options.startupMs),
    mtp: listed(hundreds(facts.throughputKbps)),
    sf: "h",
    sid: quoted(options.sid),
    sn: options.number,
    st: "l",
    sta: options.state,
    ts: whole(options.atUnixMs),
    v: 2,
  });
}

/** Keys are given in the order of the alphabet, as the standard asks. */
function dictionary(keys: Readonly<Record<string, Value>>): string {
  return Object.entries(keys)
    .filter(([, value]) => value !== null && value !== false)
    .map(([key, value]) => (value === true ? key : `${key}=${value}`))
    .join(",");
}

/** Of what needs no escape: feeds, sessions and codes are letters, digits and hyphens. */
function quoted(text: string): string {
  return `"${text}"`;
}

function listed(value: number | null): string | null {
  return value === null ? null : `(${value})`;
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.max(0, Math.round(value));
}

function hundreds(value: number | null): number | null {
  return value === null ? null : Math.max(0, Math.round(value / 100) * 100);
}
