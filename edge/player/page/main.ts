/** The player page: puts its parts together and nothing else. */
import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-fullscreen-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-pip-button";
import "media-chrome/media-play-button";
import "media-chrome/media-volume-range";
import { exposeDiagnostics } from "./diagnostics.ts";
import { elementById, elementByIdOrNull } from "./elements.ts";
import { FaceView } from "./face-view.ts";
import { HlsPlayback, isHlsSupported } from "./hls-playback.ts";
import { listenToKeyboard } from "./keyboard.ts";
import { LivePill } from "./live-pill.ts";
import { isNativeHlsSupported, NativePlayback } from "./native-playback.ts";
import { feedTitle, pageLocation, type PageLocation } from "./page-location.ts";
import type { Playback, PlaybackHost } from "./playback.ts";
import { Preferences } from "./preferences.ts";
import { Programme } from "./programme.ts";
import { QualityMenu } from "./quality-menu.ts";
import { formatQualityChoice, parseQualityChoice, rungLabel } from "./quality.ts";
import { Session } from "./session.ts";
import { Sound } from "./sound.ts";

function start(place: PageLocation): void {
  const video = elementById("video", HTMLVideoElement);
  const player = elementById("player", HTMLElement);
  const playBig = elementById("play-big", HTMLButtonElement);
  const preferences = new Preferences(() => localStorage);
  const session = new Session({
    video,
    statusUrl: place.statusUrl,
    choice: parseQualityChoice(preferences.read("quality")),
    playback: (emit) => choosePlayback(playbackHost(emit)),
    changed: () => show(),
  });
  const sound = new Sound(video, preferences);
  const faceView = new FaceView({ retry: () => session.dispatch({ kind: "retry" }) });
  const livePill = new LivePill({ jumpToLive: () => session.jumpToLive() });
  const programme = new Programme(feedTitle(place.feed));
  const qualityMenu = new QualityMenu({
    choose: (choice) => {
      preferences.write("quality", formatQualityChoice(choice));
      session.choose(choice);
    },
  });
  const brandLink = elementByIdOrNull("watch-link", HTMLAnchorElement);
  if (brandLink !== null) brandLink.href = place.watchUrl;
  playBig.addEventListener("click", () => session.togglePlay());
  video.addEventListener("click", () => session.togglePlay());
  video.addEventListener("dblclick", () => toggleFullscreen(player));
  listenToKeyboard({
    togglePlay: () => session.togglePlay(),
    toggleMute: () => sound.toggle(),
    changeVolume: (steps) => sound.change(steps),
    toggleFullscreen: () => toggleFullscreen(player),
    togglePictureInPicture: () => togglePictureInPicture(video),
    jumpToLive: () => session.jumpToLive(),
    openQuality: () => elementById("quality", HTMLButtonElement).click(),
  });

  function playbackHost(emit: PlaybackHost["emit"]): PlaybackHost {
    return {
      video,
      playlistUrl: place.playlistUrl,
      emit,
      qualityChanged: () => show(),
      bandwidthBitsPerSec: {
        load: () => preferences.readNumber("bandwidthBitsPerSec"),
        store: (bitsPerSec) => {
          if (bitsPerSec > 0) preferences.write("bandwidthBitsPerSec", bitsPerSec.toFixed(0));
        },
      },
    };
  }

  function show(): void {
    const { state, playback, choice, latencySec } = session;
    const isAudioOnly = choice.kind === "audioOnly";
    faceView.show(state, { nowMs: performance.now(), isAudioOnly });
    livePill.show(state, latencySec);
    sound.show();
    playBig.hidden = !(state.paused && state.playback !== "closed");
    const rungs = playback?.rungs ?? [];
    const playingRung = playback?.playingRung ?? null;
    const playing = rungs.find(({ rung }) => rung === playingRung);
    qualityMenu.show({ rungs, choice, playingRung, audioOffered: playback?.audioOffered ?? false });
    programme.show({
      face: state.face,
      status: session.status,
      latencySec: state.playback === "open" ? latencySec : null,
      qualityText: playing ? `${rungLabel(playing)} · ${playing.kbps} kbps` : (playingRung ?? ""),
    });
  }

  exposeDiagnostics(session, video);
  session.begin();
}

/** hls.js first: several browsers claim native HLS and then play live badly (research 5). */
function choosePlayback(host: PlaybackHost): Playback | null {
  if (isHlsSupported()) return new HlsPlayback(host);
  return isNativeHlsSupported(host.video) ? new NativePlayback(host) : null;
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
