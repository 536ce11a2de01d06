/**
 * Reads the `nodes` of a child's report: strict, within bounds, and never trusted further than that.
 * What is wrong comes back as a sentence; nothing is thrown.
 */
import { faultCharsMax, faultLevels, printable, type Fault } from "./fault-log.ts";
import {
  addressCharsMax,
  bitsPerSecMax,
  countMax,
  ejectedCountMax,
  feedCountMax,
  nodeId,
  nodeTiers,
  reasonCharsMax,
  reportFaultCountMax,
  reportNodeCountMax,
  type FeedHealth,
  type NodeHealth,
  type ViewerQuality,
} from "./node-health.ts";

const namePattern = /^[a-z0-9-]{1,32}$/;
const parentPattern = /^(?:[a-z0-9-]{1,32}\/\d{1,10})?$/;
/** Further from 1970 than any clock; what is after the receiver's now counts as now. */
const unixMsMax = 1e14;
const coreCountMax = 4_096;

/**
 * The nodes of a report, the reporter first; an empty list says that it leaves. A string says what
 * is wrong. A fault is never of later than `nowUnixMs`, the receiver's clock: whoever sets a clock
 * ahead does not stand above all others for years.
 */
export function readNodeReport(
  value: unknown,
  reporter: { node: string; process: number; nowUnixMs: number },
): NodeHealth[] | string {
  if (!Array.isArray(value)) return "nodes must be a list";
  // One more stands for those that did not fit.
  if (value.length > reportNodeCountMax + 1) return `nodes has over ${reportNodeCountMax} entries`;
  const ids = new Set<string>();
  const nodes: NodeHealth[] = [];
  for (const entry of value as unknown[]) {
    const node = readNode(entry, reporter.nowUnixMs);
    if (typeof node === "string") return node;
    const id = nodeId(node);
    if (ids.has(id)) return `${id} is there twice`;
    ids.add(id);
    nodes.push(node);
  }
  const [first, ...others] = nodes;
  if (first === undefined) return [];
  const reporterId = nodeId({ name: reporter.node, process: reporter.process });
  if (nodeId(first) !== reporterId) return `the first node must be ${reporterId}`;
  const orphan = others.find((node) => !isBelow(node, first, nodes));
  return orphan === undefined ? nodes : `${nodeId(orphan)} is not below ${reporterId}`;
}

function isBelow(node: NodeHealth, top: NodeHealth, nodes: readonly NodeHealth[]): boolean {
  let at: NodeHealth | undefined = node;
  // A ring of parents never ends.
  for (let steps = 0; steps < nodes.length && at !== undefined && at !== top; steps++) {
    const { parent }: NodeHealth = at;
    at = nodes.find((each) => nodeId(each) === parent);
  }
  return at === top;
}

function readNode(value: unknown, nowUnixMs: number): NodeHealth | string {
  const fields = new Fields(value);
  const node: NodeHealth = {
    name: fields.matching("name", namePattern),
    process: fields.count("process", 1e10),
    tier: fields.oneOf("tier", nodeTiers),
    parent: fields.matching("parent", parentPattern),
    nodeCount: fields.count("nodeCount", countMax),
    uptimeMs: fields.count("uptimeMs", countMax),
    ageMs: fields.count("ageMs", countMax),
    isReady: fields.flag("isReady"),
    reason: fields.text("reason", reasonCharsMax),
    feeds: fields.list("feeds", feedCountMax, readFeed),
    toViewersBitsPerSec: fields.count("toViewersBitsPerSec", bitsPerSecMax),
    toChildrenBitsPerSec: fields.count("toChildrenBitsPerSec", bitsPerSecMax),
    fillBitsPerSec: fields.count("fillBitsPerSec", bitsPerSecMax),
    capacityBitsPerSec: fields.count("capacityBitsPerSec", bitsPerSecMax),
    lookupCount: fields.count("lookupCount", countMax),
    hitCount: fields.count("hitCount", countMax),
    connectionCount: fields.count("connectionCount", countMax),
    ejectedParents: fields.texts("ejectedParents", ejectedCountMax, addressCharsMax),
    cpuRatio: fields.number("cpuRatio", coreCountMax),
    loopLagMs: fields.count("loopLagMs", countMax),
    faults: fields.list("faults", reportFaultCountMax, (fault) => readFault(fault, nowUnixMs)),
  };
  if (fields.has("quality")) node.quality = fields.part("quality", readQuality);
  if (node.hitCount > node.lookupCount) return "hitCount is above lookupCount";
  return fields.problem ?? node;
}

function readFeed(value: unknown): FeedHealth | string {
  const fields = new Fields(value);
  const feed = {
    name: fields.matching("name", namePattern),
    viewers: fields.count("viewers", countMax),
    isStale: fields.flag("isStale"),
  };
  return fields.problem ?? feed;
}

function readFault(value: unknown, nowUnixMs: number): Fault | string {
  const fields = new Fields(value);
  const fault = {
    level: fields.oneOf("level", faultLevels),
    text: fields.text("text", faultCharsMax),
    count: fields.count("count", countMax),
    firstUnixMs: Math.min(nowUnixMs, fields.count("firstUnixMs", unixMsMax)),
    lastUnixMs: Math.min(nowUnixMs, fields.count("lastUnixMs", unixMsMax)),
  };
  return fields.problem ?? fault;
}

function readQuality(value: unknown): ViewerQuality | string {
  const fields = new Fields(value);
  const quality = {
    sessionCount: fields.count("sessionCount", countMax),
    stallCount: fields.count("stallCount", countMax),
    stalledMs: fields.count("stalledMs", countMax),
    playedMs: fields.count("playedMs", countMax),
    startupCount: fields.count("startupCount", countMax),
    startupMsSum: fields.count("startupMsSum", countMax),
  };
  return fields.problem ?? quality;
}

function isPrintable(text: string, charsMax: number): boolean {
  return text.length <= charsMax && printable(text, charsMax) === text;
}

/** Takes fields out of a value of unknown form; remembers the first that is wrong. */
class Fields {
  problem: string | undefined;
  readonly #record: Record<string, unknown>;

  constructor(value: unknown) {
    const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
    this.#record = isRecord ? (value as Record<string, unknown>) : {};
    if (!isRecord) this.problem = "an entry must be an object";
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#record, key);
  }

  count(key: string, max: number): number {
    const value = this.number(key, max);
    if (!Number.isInteger(value)) this.#wrong(key, "a whole number");
    return value;
  }

  number(key: string, max: number): number {
    const value = this.#get(key);
    if (typeof value === "number" && value >= 0 && value <= max) return value;
    this.#wrong(key, `a number from 0 to ${max}`);
    return 0;
  }

  flag(key: string): boolean {
    const value = this.#get(key);
    if (typeof value !== "boolean") this.#wrong(key, "true or false");
    return value === true;
  }

  text(key: string, charsMax: number): string {
    const value = this.#get(key);
    if (typeof value === "string" && isPrintable(value, charsMax)) return value;
    this.#wrong(key, `printable, with at most ${charsMax} characters`);
    return "";
  }

  matching(key: string, pattern: RegExp): string {
    const value = this.#get(key);
    if (typeof value === "string" && pattern.test(value)) return value;
    this.#wrong(key, `of the form ${pattern.source}`);
    return "";
  }

  oneOf<T extends string>(key: string, allowed: readonly [T, ...T[]]): T {
    const value = this.#get(key);
    const found = allowed.find((each) => each === value);
    if (found === undefined) this.#wrong(key, `one of ${allowed.join(", ")}`);
    return found ?? allowed[0];
  }

  part<T extends object>(key: string, read: (value: unknown) => T | string): T {
    const part = read(this.#get(key));
    if (typeof part === "string") this.#wrong(key, `sound, but ${part}`);
    return part as T;
  }

  list<T extends object>(
    key: string,
    lengthMax: number,
    read: (value: unknown) => T | string,
  ): T[] {
    const parts = this.#entries(key, lengthMax).map(read);
    const problem = parts.find((part) => typeof part === "string");
    if (problem !== undefined) this.#wrong(key, `sound, but ${problem}`);
    return parts as T[];
  }

  texts(key: string, lengthMax: number, charsMax: number): string[] {
    const texts = this.#entries(key, lengthMax);
    const isSound = (text: unknown): boolean =>
      typeof text === "string" && isPrintable(text, charsMax);
    if (!texts.every(isSound)) this.#wrong(key, `printable texts of at most ${charsMax}`);
    return texts as string[];
  }

  #entries(key: string, lengthMax: number): unknown[] {
    const value = this.#get(key);
    if (Array.isArray(value) && value.length <= lengthMax) return value as unknown[];
    this.#wrong(key, `a list of at most ${lengthMax}`);
    return [];
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#record, key) ? this.#record[key] : undefined;
  }

  #wrong(key: string, rule: string): void {
    this.problem ??= `${key} must be ${rule}`;
  }
}
