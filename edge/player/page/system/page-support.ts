/** What the page does around playback: it tells its edge, the system and the screen of it. */
import { broadcastTitle } from "../view/broadcast-title.ts";
import { Captions } from "../controls/captions.ts";
import type { Cmcd } from "../telemetry/cmcd.ts";
import { SystemMedia } from "./media-session.ts";
import type { PageLocation } from "./page-location.ts";
import { PictureInPicture } from "../controls/picture-in-picture.ts";
import type { Preferences } from "./preferences.ts";
import { Qoe } from "../telemetry/qoe.ts";
import type { Session } from "../state/session.ts";
import { screenLocks, WakeLock } from "./wake-lock.ts";

export interface PageSupportOptions {
  session: Session;
  video: HTMLVideoElement;
  player: HTMLElement;
  place: PageLocation;
  preferences: Preferences;
  cmcd: Cmcd;
}

export class PageSupport {
  readonly captions: Captions;
  readonly pictureInPicture: PictureInPicture;
  readonly #session: Session;
  readonly #systemMedia: SystemMedia;
  readonly #wakeLock = new WakeLock(screenLocks());
  readonly #qoe: Qoe;

  constructor({ session, video, player, place, preferences, cmcd }: PageSupportOptions) {
    this.#session = session;
    this.captions = new Captions({ video, preferences });
    const pictureInPicture = new PictureInPicture({ video, player });
    this.pictureInPicture = pictureInPicture;
    this.#systemMedia = new SystemMedia({
      title: broadcastTitle(place.feed),
      commands: {
        play: () => {
          if (video.paused) session.togglePlay();
        },
        pause: () => video.pause(),
        jumpToLive: () => session.jumpToLive(),
        enterPictureInPicture: () => pictureInPicture.enter(),
      },
    });
    this.#qoe = new Qoe({ video, session, cmcd, feed: place.feed, url: place.qoeUrl });
  }

  /** To be called at every step of the player. */
  show(): void {
    const { state, choice } = this.#session;
    this.#qoe.observe();
    this.#systemMedia.show(state);
    this.pictureInPicture.show(state);
    const isPicture = choice.kind !== "audioOnly";
    const isPlaying = state.playback === "open" && !state.paused;
    this.#wakeLock.show(isPicture && isPlaying && !state.hidden);
  }
}
