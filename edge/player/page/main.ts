/** The player page: puts its parts together and nothing else. */
import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-fullscreen-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-pip-button";
import "media-chrome/media-play-button";
import "media-chrome/media-volume-range";
import { Cmcd } from "./cmcd.ts";
import { elementById, elementByIdOrNull } from "./elements.ts";
import { exposeDiagnostics } from "./expose-diagnostics.ts";
import { FaceView } from "./face-view.ts";
import { HlsPlayback, isHlsSupported } from "./hls-playback.ts";
import { listenToKeyboard, type KeyboardActions } from "./keyboard.ts";
import { LivePill } from "./live-pill.ts";
import { isNativeHlsSupported, NativePlayback } from "./native-playback.ts";
import { feedTitle, pageLocation, type PageLocation } from "./page-location.ts";
import type { Playback, PlaybackHost } from "./playback.ts";
import { Preferences } from "./preferences.ts";
import { programmeOrNull } from "./programme.ts";
import { QualityMenu } from "./quality-menu.ts";
import { formatQualityChoice, parseQualityChoice, rungLabel, type QualityRung } from "./quality.ts";
import { Session } from "./session.ts";
import { Sound } from "./sound.ts";

function start(place: PageLocation): void {
  const video = elementById("video", HTMLVideoElement);
  const player = elementById("player", HTMLElement);
  const playBig = elementById("play-big", HTMLButtonElement);
  const preferences = new Preferences(() => localStorage);
  const cmcd = new Cmcd({ video, feed: place.feed, url: place.cmcdUrl });
  const session: Session = new Session({
    video,
    statusUrl: place.statusUrl,
    choice: parseQualityChoice(preferences.read("quality")),
    playback: (emit) =>
      choosePlayback({
        video,
        playlistUrl: place.playlistUrl,
        withCmcd: (url) => cmcd.inPlaylistUrl(url, session),
        emit,
        qualityChanged: () => show(),
        bandwidthBitsPerSec: bandwidthMemory(preferences),
      }),
    changed: () => show(),
  });
  const sound = new Sound(video, preferences);
  const faceView = new FaceView({ retry: () => session.dispatch({ kind: "retry" }) });
  const livePill = new LivePill({ jumpToLive: () => session.jumpToLive() });
  const programme = programmeOrNull();
  const title = feedTitle(place.feed);
  document.title = `${title} – ${document.title}`;
  programme?.begin(title);
  const qualityMenu = new QualityMenu({
    choose: (choice) => {
      preferences.write("quality", formatQualityChoice(choice));
      session.choose(choice);
    },
  });
  const brandLink = elementByIdOrNull("watch-link", HTMLAnchorElement);
  if (brandLink !== null) brandLink.href = place.watchUrl;
  playBig.addEventListener("click", () => session.togglePlay());
  player.addEventListener("dblclick", ({ target }) => {
    if (target === player || target === video) toggleFullscreen(player);
  });
  video.addEventListener("resize", () => fillStage(video));
  addEventListener("pagehide", () => cmcd.leave(session));
  addEventListener("pageshow", () => cmcd.comeBack());
  listenToKeyboard(keyboardActions({ session, sound, player, video }));

  function show(): void {
    const { state, playback, choice, latencySec } = session;
    cmcd.observe(session);
    const isAudioOnly = choice.kind === "audioOnly";
    faceView.show(state, { nowMs: performance.now(), isAudioOnly });
    livePill.show(state, latencySec);
    sound.show();
    playBig.hidden = !(state.paused && state.playback !== "closed");
    const rungs = playback?.rungs ?? [];
    const playingRung = playback?.playingRung ?? null;
    const playing = rungs.find(({ rung }) => rung === playingRung);
    qualityMenu.show({ rungs, choice, playingRung, audioOffered: playback?.audioOffered ?? false });
    programme?.show({
      face: state.face,
      isPlaying: state.playback === "open",
      status: session.status,
      latencySec: latencySec,
      qualityText: pictureText(playing, { isAudioOnly }),
    });
  }

  exposeDiagnostics(session, video);
  session.begin();
}

function keyboardActions(parts: {
  session: Session;
  sound: Sound;
  player: HTMLElement;
  video: HTMLVideoElement;
}): KeyboardActions {
  const { session, sound, player, video } = parts;
  return {
    togglePlay: () => session.togglePlay(),
    toggleMute: () => sound.toggle(),
    changeVolume: (steps) => sound.change(steps),
    toggleFullscreen: () => toggleFullscreen(player),
    togglePictureInPicture: () => togglePictureInPicture(video),
    jumpToLive: () => session.jumpToLive(),
    openQuality: () => elementById("quality", HTMLButtonElement).click(),
  };
}

/** The last estimate of this device's bandwidth: the next visit starts with a rung that fits. */
function bandwidthMemory(preferences: Preferences): PlaybackHost["bandwidthBitsPerSec"] {
  return {
    load: () => preferences.readNumber("bandwidthBitsPerSec"),
    store: (bitsPerSec) => {
      if (bitsPerSec > 0) preferences.write("bandwidthBitsPerSec", bitsPerSec.toFixed(0));
    },
  };
}

function pictureText(
  playing: QualityRung | undefined,
  { isAudioOnly }: { isAudioOnly: boolean },
): string {
  if (isAudioOnly) return "Sound only";
  return playing === undefined ? "" : `${rungLabel(playing)} · ${playing.kbps} kbps`;
}

/** hls.js first: several browsers claim native HLS and then play live badly (research 5). */
function choosePlayback(host: PlaybackHost): Playback | null {
  if (isHlsSupported()) return new HlsPlayback(host);
  return isNativeHlsSupported(host.video) ? new NativePlayback(host) : null;
}

/** Encoders round sizes (848x480): no hairline beside a picture that is all but 16:9. */
function fillStage(video: HTMLVideoElement): void {
  const ratio = video.videoWidth / video.videoHeight / (16 / 9);
  video.classList.toggle("fills", Math.abs(ratio - 1) < 0.02);
}

function toggleFullscreen(player: HTMLElement): void {
  const isOn = document.fullscreenElement !== null;
  const kind = isOn ? "mediaexitfullscreenrequest" : "mediaenterfullscreenrequest";
  player.dispatchEvent(new CustomEvent(kind, { composed: true, bubbles: true }));
}

function togglePictureInPicture(video: HTMLVideoElement): void {
  if (document.pictureInPictureElement !== null) void document.exitPictureInPicture();
  // Refused without a frame, or where the browser has none: then there is nothing to show either.
  else if (document.pictureInPictureEnabled) video.requestPictureInPicture().catch(() => undefined);
}

const place = pageLocation(location.pathname);
if (place !== null) start(place);
