/** The player page: puts its parts together and nothing else. */
import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-fullscreen-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-pip-button";
import "media-chrome/media-play-button";
import "media-chrome/media-volume-range";
import { bandwidthMemory, choosePlayback } from "./playback/choose-playback.ts";
import { Cmcd } from "./telemetry/cmcd.ts";
import { consentRuleOf, mayShare, type ConsentRule } from "./sharing/consent.ts";
import { elementById } from "./view/elements.ts";
import { exposeDiagnostics } from "./statistics/expose-diagnostics.ts";
import { listenToKeyboard } from "./controls/keyboard.ts";
import { pageLocation, type PageLocation } from "./system/page-location.ts";
import { PageSupport } from "./system/page-support.ts";
import { PageSwarm } from "./sharing/page-swarm.ts";
import { PageView } from "./view/page-view.ts";
import { Preferences } from "./system/preferences.ts";
import { parseQualityChoice } from "./playback/quality.ts";
import { createPageRoom } from "./sharing/page-room.ts";
import { fillStage, toggleFullscreen } from "./view/screen.ts";
import { Session } from "./state/session.ts";

function start(place: PageLocation, consent: ConsentRule): void {
  const video = elementById("video", HTMLVideoElement);
  const player = elementById("player", HTMLElement);
  const preferences = new Preferences(() => localStorage);
  const cmcd = new Cmcd({ video, feed: place.feed, url: place.cmcdUrl });
  const room = createPageRoom({ url: place.roomUrl, sid: cmcd.sid });
  const swarm: PageSwarm = new PageSwarm({
    room,
    video,
    segmentUrl: place.segmentUrl,
    isAllowed: mayShare(preferences.read("swarm"), consent),
    changed: () => show(),
  });
  const session: Session = new Session({
    video,
    statusUrl: place.statusUrl,
    room,
    swarm,
    choice: parseQualityChoice(preferences.read("quality")),
    playback: (emit) =>
      choosePlayback({
        video,
        playlistUrl: place.playlistUrl,
        withCmcd: (url) => cmcd.inPlaylistUrl(url, session),
        segments: swarm,
        emit,
        qualityChanged: () => show(),
        bandwidthBitsPerSec: bandwidthMemory(preferences),
      }),
    changed: () => show(),
  });
  const view = new PageView({ session, video, place, preferences, consent });
  const support = new PageSupport({ session, video, player, place, preferences, cmcd });
  listenToStage(player, video);
  listenToPage({
    left: () => {
      cmcd.leave(session);
      swarm.leave();
      room.close();
    },
    shownAgain: () => {
      cmcd.comeBack();
      room.open();
      swarm.comeBack();
    },
  });
  listenToKeyboard({
    togglePlay: () => session.togglePlay(),
    toggleMute: () => view.sound.toggle(),
    changeVolume: (steps) => view.sound.change(steps),
    toggleFullscreen: () => toggleFullscreen(player),
    togglePictureInPicture: () => support.pictureInPicture.toggle(),
    jumpToLive: () => session.jumpToLive(),
    seekBy: (sec) => view.seekBy(sec),
    openQuality: () => elementById("quality", HTMLButtonElement).click(),
    toggleCaptions: () => support.captions.toggle(),
    toggleStats: () => view.stats.toggle(),
    openShare: () => view.share.open(),
    openSharing: () => view.sharing.toggle(),
    openHelp: () => view.help.open(),
  });

  function show(): void {
    swarm.poll({ hasFrame: session.firstFrameMs !== null });
    cmcd.observe(session);
    support.show();
    view.show();
  }

  exposeDiagnostics({ session, video, room });
  session.begin();
}

function listenToStage(player: HTMLElement, video: HTMLVideoElement): void {
  player.addEventListener("dblclick", ({ target }) => {
    if (target === player || target === video) toggleFullscreen(player);
  });
  video.addEventListener("resize", () => fillStage(video));
}

/** Browsers may keep a page that was left, and show it again as it was. */
function listenToPage({ left, shownAgain }: { left: () => void; shownAgain: () => void }): void {
  addEventListener("pagehide", left);
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) shownAgain();
  });
}

const place = pageLocation(location.pathname);
if (place !== null) start(place, consentRuleOf(document.documentElement.dataset["consent"]));
