/** The words of each face: shown over the picture and announced to screen readers. Pure. */
import type { Face, FaceReason } from "../state/player-state.ts";

export interface FaceText {
  title: string;
  detail: string;
}

const errorTexts: Record<FaceReason, FaceText> = {
  none: { title: "Something went wrong", detail: "We are trying again." },
  joining: { title: "Something went wrong", detail: "We are trying again." },
  connection: {
    title: "You are offline",
    detail: "The broadcast continues as soon as your connection is back.",
  },
  unreachable: {
    title: "We can’t reach the broadcast",
    detail: "It may be us, it may be your connection. We keep trying.",
  },
  unplayable: {
    title: "The picture doesn’t arrive",
    detail: "The broadcast is live, but its picture doesn’t get here. We keep trying.",
  },
  unknownFeed: {
    title: "Nothing is shown here",
    detail: "There is no broadcast under this address. Please check the link.",
  },
  unsupported: {
    title: "This browser can’t play the broadcast",
    detail: "Please update it, or open this page in a current Chrome, Edge, Firefox or Safari.",
  },
};

const texts: Record<Exclude<Face, "error">, FaceText> = {
  offline: {
    title: "The stage is dark",
    detail: "The broadcast starts here by itself. You can leave this page open.",
  },
  starting: { title: "The curtain is about to rise", detail: "The broadcast starts in a moment." },
  live: { title: "Live", detail: "You are watching live." },
  behind: { title: "Behind live", detail: "You are watching behind live." },
  stalled: { title: "Buffering", detail: "Your connection is catching its breath." },
  waiting: {
    title: "We’ll be right back",
    detail: "The broadcaster’s signal is interrupted. The picture returns by itself.",
  },
  ended: {
    title: "The broadcast has ended",
    detail: "Thank you for watching. The next one starts here by itself.",
  },
  full: {
    title: "Every seat is taken",
    detail: "As soon as a place is free, you are in. Please leave this page open.",
  },
};

export function faceText(face: Face, reason: FaceReason): FaceText {
  if (face === "error") return errorTexts[reason];
  if (face === "starting" && reason === "joining") {
    return { title: "Taking your seat", detail: "The picture is on its way." };
  }
  if (face === "stalled" && reason === "connection") return errorTexts.connection;
  return texts[face];
}
