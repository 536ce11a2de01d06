/** `POST /qoe`: one beacon of a page. */
import { addressKey } from "../cmcd/address-shares.ts";
import { fixedReplies } from "../http/response-head.ts";
import type { RelayPort } from "../http/relay-port.ts";
import { SmallPosts } from "../http/small-posts.ts";
import type { QoeIntake } from "./qoe-intake.ts";

const bodyBytesMax = 2_048;
const contentType = /^application\/json[ \t]*(?:;|$)/i;

export function qoePosts(options: {
  relayPort: RelayPort;
  intake: QoeIntake;
  bodyCountMax: number;
}): SmallPosts {
  const { intake, ...rest } = options;
  return new SmallPosts({
    ...rest,
    bodyBytesMax,
    contentType,
    refusals: { type: fixedReplies.notJson, length: fixedReplies.above2048Bytes },
    refuse: (reason) => intake.refuse(reason),
    take: (body, nowMs, sender) => {
      const outcome = intake.take(body, nowMs, addressKey(sender.getRemoteAddress()));
      if (outcome === "taken") return undefined;
      return outcome === "later" ? fixedReplies.tooManyRequests : fixedReplies.badRequest;
    },
  });
}
