/** Everything the page shows of its session, brought up to date together. */
import { broadcastTitle } from "./broadcast-title.ts";
import type { ConsentRule } from "../sharing/consent.ts";
import { elementById, elementByIdOrNull, setText } from "./elements.ts";
import { FaceView } from "./face-view.ts";
import { KeyboardHelp } from "../controls/keyboard.ts";
import { LivePill } from "../controls/live-pill.ts";
import type { PageLocation } from "../system/page-location.ts";
import type { Preferences } from "../system/preferences.ts";
import { programmeOrNull } from "./programme.ts";
import { QualityMenu, type MenuCommand } from "../controls/quality-menu.ts";
import { formatQualityChoice, rungLabel, type QualityRung } from "../playback/quality.ts";
import { SeekBar } from "../controls/seek-bar.ts";
import { hasFinePointer } from "./screen.ts";
import type { Session } from "../state/session.ts";
import { ShareDialog } from "../controls/share-dialog.ts";
import { SharingView } from "../sharing/sharing-view.ts";
import { Sound } from "../controls/sound.ts";
import { StatsSwitch } from "../statistics/stats-switch.ts";

export interface PageViewOptions {
  session: Session;
  video: HTMLVideoElement;
  place: PageLocation;
  preferences: Preferences;
  consent: ConsentRule;
}

export class PageView {
  readonly sound: Sound;
  readonly stats: StatsSwitch;
  readonly share: ShareDialog;
  readonly sharing: SharingView;
  readonly help = new KeyboardHelp();
  readonly #session: Session;
  readonly #faceView: FaceView;
  readonly #livePill: LivePill;
  readonly #qualityMenu: QualityMenu;
  readonly #seekBar: SeekBar;
  readonly #programme = programmeOrNull();
  readonly #playBig = elementById("play-big", HTMLButtonElement);

  constructor({ session, video, place, preferences, consent }: PageViewOptions) {
    const title = broadcastTitle(place.feed);
    document.title = `${title} – ${document.title}`;
    setText(elementById("title", HTMLElement), title);
    this.#session = session;
    this.sound = new Sound(video, preferences);
    this.stats = new StatsSwitch({ session, video, feed: place.feed });
    this.share = new ShareDialog(place, title);
    this.sharing = new SharingView({ swarm: () => session.swarm, preferences, consent });
    this.#faceView = new FaceView({ retry: () => session.dispatch({ kind: "retry" }) });
    this.#livePill = new LivePill({ jumpToLive: () => session.jumpToLive() });
    this.#seekBar = new SeekBar({
      toBehind: (sec) => session.seekBehind(sec),
      by: (sec) => session.seekBy(sec),
    });
    const openHelp = (): void => this.help.open();
    const openShare = (): void => this.share.open();
    const toggleStats = (): void => this.stats.toggle();
    this.#programme?.begin({ openHelp, openShare, toggleStats });
    const commands: MenuCommand[] = [
      { label: "Share and embed", key: "E", run: openShare },
      { label: "Statistics", key: "S", run: toggleStats },
      { label: "Keyboard", key: "?", run: openHelp },
    ];
    this.#qualityMenu = new QualityMenu({
      choose: (choice) => {
        preferences.write("quality", formatQualityChoice(choice));
        session.choose(choice);
      },
      commands: commands.filter(({ key }) => key !== "?" || hasFinePointer()),
    });
    const brandLink = elementByIdOrNull("watch-link", HTMLAnchorElement);
    if (brandLink !== null) brandLink.href = place.watchUrl;
    this.#playBig.addEventListener("click", () => session.togglePlay());
  }

  /** Goes back or ahead, and shows the controls a while, to see where that led. */
  seekBy(sec: number): void {
    this.#session.seekBy(sec);
    const moved = new PointerEvent("pointermove", { pointerType: "mouse" });
    elementById("player", HTMLElement).dispatchEvent(moved);
  }

  show(): void {
    const { state, playback, choice, latencySec, status } = this.#session;
    const isAudioOnly = choice.kind === "audioOnly";
    this.#faceView.show(state, { nowMs: performance.now(), isAudioOnly });
    this.#livePill.show(state, latencySec);
    this.#seekBar.show(this.#session.seekView);
    this.sound.show();
    this.sharing.show();
    this.#playBig.hidden = !(state.paused && state.playback !== "closed");
    const rungs = playback?.rungs ?? [];
    const playingRung = playback?.playingRung ?? null;
    const playing = rungs.find(({ rung }) => rung === playingRung);
    const audioOffered = playback?.audioOffered ?? false;
    this.#qualityMenu.show({ rungs, choice, playingRung, audioOffered });
    this.#programme?.show({
      face: state.face,
      reason: state.reason,
      isPlaying: state.playback === "open",
      status,
      latencySec,
      qualityText: pictureText(playing, { isAudioOnly }),
    });
  }
}

function pictureText(
  playing: QualityRung | undefined,
  { isAudioOnly }: { isAudioOnly: boolean },
): string {
  if (isAudioOnly) return "Sound only";
  return playing === undefined ? "" : `${rungLabel(playing)} · ${playing.kbps} kbps`;
}
