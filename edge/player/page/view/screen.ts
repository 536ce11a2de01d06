/** The screen and how the picture lies on it: filling its stage, full screen. */

/** A mouse or the like: most likely there is a keyboard beside it. */
export function hasFinePointer(): boolean {
  return !matchMedia("(pointer: coarse)").matches;
}

/** Encoders round sizes (848x480): no hairline beside a picture that is all but 16:9. */
export function fillStage(video: HTMLVideoElement): void {
  const ratio = video.videoWidth / video.videoHeight / (16 / 9);
  video.classList.toggle("fills", Math.abs(ratio - 1) < 0.02);
}

export function toggleFullscreen(player: HTMLElement): void {
  const isOn = document.fullscreenElement !== null;
  const kind = isOn ? "mediaexitfullscreenrequest" : "mediaenterfullscreenrequest";
  player.dispatchEvent(new CustomEvent(kind, { composed: true, bubbles: true }));
}
