/**
 * What a node knows of the nodes below it, from their reports. A child that falls silent stays on the
 * board for two minutes, and says since when. Bounded, whatever children send. Time is passed in.
 */
import { forgottenAfterMs, nodeId, silentAfterMs, type NodeHealth } from "./node-health.ts";

/** What became of a child that reports here. */
export interface BoardEvent {
  kind: "silent" | "back" | "restarted" | "left";
  /** The child's name. */
  name: string;
}

/** edge-2 stands before edge-10. */
const byName = new Intl.Collator("en", { numeric: true });

interface ChildReport {
  /** The child first. */
  nodes: readonly NodeHealth[];
  heardMs: number;
  isSilent: boolean;
}

/** A tier has far fewer children. */
export const childCountMax = 256;
/** On the whole board: what an operator could still make sense of. */
export const boardNodeCountMax = 1_024;
/** An uptime that is this much below what was to be expected is another process's. */
const restartedMs = 2_000;

export class NodeBoard {
  readonly #children = new Map<string, ChildReport>();
  #events: BoardEvent[] = [];

  /** Takes a report that was read; false when there are too many children or nodes already. */
  note(child: string, nodes: readonly NodeHealth[], nowMs: number): boolean {
    const before = this.#children.get(child);
    const [first] = nodes;
    if (first === undefined) {
      if (before !== undefined) this.#events.push({ kind: "left", name: nameOf(before) });
      this.#children.delete(child);
      return true;
    }
    if (before === undefined && this.#children.size >= childCountMax) return false;
    const others = this.#nodeCount() - (before?.nodes.length ?? 0);
    if (others + nodes.length > boardNodeCountMax) return false;
    this.#children.set(child, { nodes, heardMs: nowMs, isSilent: false });
    if (before === undefined) return true;
    const expectedMs = before.nodes[0]!.uptimeMs + (nowMs - before.heardMs);
    const restarted = first.uptimeMs < expectedMs - restartedMs;
    if (restarted) this.#events.push({ kind: "restarted", name: first.name });
    else if (before.isSilent) this.#events.push({ kind: "back", name: first.name });
    return true;
  }

  /** What happened since the last call; silence is found here, so once a second is enough. */
  takeEvents(nowMs: number): BoardEvent[] {
    for (const [id, child] of this.#children) {
      const silentMs = nowMs - child.heardMs;
      if (silentMs > forgottenAfterMs) this.#children.delete(id);
      if (silentMs <= silentAfterMs || child.isSilent) continue;
      child.isSilent = true;
      this.#events.push({ kind: "silent", name: nameOf(child) });
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /**
   * Every node below this one, by name, `parent` being its own id. What a child says of itself stands
   * above what others say of it, until it falls silent; of two others the last one is right: the node
   * has changed its parent. Nobody below is this node.
   */
  nodes(parent: string, nowMs: number): NodeHealth[] {
    const found = new Map<string, NodeHealth>();
    const ownWords = new Set<string>();
    for (const { nodes, heardMs } of this.#children.values()) {
      const sinceMs = Math.max(0, Math.round(nowMs - heardMs));
      for (const [index, node] of nodes.entries()) {
        const ageMs = node.ageMs + sinceMs;
        const id = nodeId(node);
        if (ageMs > forgottenAfterMs || id === parent) continue;
        const isOwnWord = index === 0 && ageMs <= silentAfterMs;
        const known = found.get(id);
        if (!isOwnWord && known !== undefined && (ownWords.has(id) || known.ageMs <= ageMs))
          continue;
        found.set(id, { ...node, ageMs, ...(index === 0 ? { parent } : {}) });
        if (isOwnWord) ownWords.add(id);
      }
    }
    return [...found.values()].sort((a, b) => byName.compare(nodeId(a), nodeId(b)));
  }

  #nodeCount(): number {
    let count = 0;
    for (const { nodes } of this.#children.values()) count += nodes.length;
    return count;
  }
}

function nameOf({ nodes }: ChildReport): string {
  return nodes[0]!.name;
}
