/**
 * Posts of sessions that nobody is known to watch yet: a player says that it starts before its first
 * playlist is there. They wait, unread, until it is asked for. Bounded: past the limit the oldest
 * goes. Pure.
 */

interface WaitingPost<Sender> {
  body: string;
  atMs: number;
  sender: Sender;
}

const sidCountMax = 256;
const postsOfSidMax = 3;
const waitMsMax = 20_000;

export class WaitingPosts<Sender> {
  /** The longest waiting first. */
  readonly #posts = new Map<string, WaitingPost<Sender>[]>();

  get sids(): string[] {
    return [...this.#posts.keys()];
  }

  /** Says how many posts were given up for it. */
  add(sid: string, post: WaitingPost<Sender>): number {
    const posts = this.#posts.get(sid);
    if (posts !== undefined) {
      if (posts.length >= postsOfSidMax) return 1;
      posts.push(post);
      return 0;
    }
    let given = 0;
    const [oldest] = this.#posts.keys();
    if (this.#posts.size >= sidCountMax) given = this.#drop(oldest!);
    this.#posts.set(sid, [post]);
    return given;
  }

  /** The session's posts, which wait no more. */
  take(sid: string): WaitingPost<Sender>[] {
    if (this.#posts.size === 0) return [];
    const posts = this.#posts.get(sid) ?? [];
    this.#posts.delete(sid);
    return posts;
  }

  /** Gives up those that waited for too long; says how many. */
  expire(nowMs: number): number {
    let given = 0;
    for (const [sid, posts] of this.#posts) {
      if (nowMs - posts[0]!.atMs < waitMsMax) break;
      given += this.#drop(sid);
    }
    return given;
  }

  #drop(sid: string): number {
    return this.take(sid).length;
  }
}
