/** `POST /cmcd`: events of players, one a line. */
import { fixedReplies } from "../http/response-head.ts";
import type { RelayPort } from "../http/relay-port.ts";
import { SmallPosts } from "../http/small-posts.ts";
import type { CmcdIntake } from "./cmcd-intake.ts";

const bodyBytesMax = 16_384;
const contentType = /^application\/cmcd[ \t]*(?:;|$)/i;

export function cmcdPosts(options: {
  relayPort: RelayPort;
  intake: CmcdIntake;
  bodyCountMax: number;
}): SmallPosts {
  const { intake, ...rest } = options;
  return new SmallPosts({
    ...rest,
    bodyBytesMax,
    contentType,
    refusals: { type: fixedReplies.notCmcd, length: fixedReplies.above16384Bytes },
    refuse: (reason) => intake.refuse(reason),
    take: (body, nowMs, sender) => {
      const outcome = intake.takeEvents(body, nowMs, sender);
      if (outcome === "taken") return undefined;
      return outcome === "tooOften" ? fixedReplies.tooManyRequests : fixedReplies.badRequest;
    },
  });
}
