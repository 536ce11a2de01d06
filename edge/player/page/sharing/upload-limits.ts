/** What in the viewer's surroundings forbids or stops giving to others: line, battery, hidden tab. */

/** A battery that is not charging gives nothing below this. */
const batteryRatioMin = 0.2;

/** Network Information and Battery Status: in some browsers only, and not in TypeScript's DOM. */
interface NetworkInformation extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}
interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}
interface Surroundings {
  readonly connection?: NetworkInformation;
  getBattery?(): Promise<Battery>;
}

export class UploadLimits {
  readonly #connection: NetworkInformation | undefined;
  #battery: Battery | null = null;

  /** `changed` is called when the answers below may be others. */
  constructor(changed: () => void) {
    const surroundings = navigator as Surroundings;
    this.#connection = surroundings.connection;
    this.#connection?.addEventListener("change", changed);
    document.addEventListener("visibilitychange", changed);
    void surroundings.getBattery?.().then(
      (battery) => {
        this.#battery = battery;
        battery.addEventListener("chargingchange", changed);
        battery.addEventListener("levelchange", changed);
        changed();
      },
      // Forbidden in a frame: then nothing is known of it.
      () => undefined,
    );
  }

  /** The line costs by what goes over it, or the viewer asked the browser to save. */
  get isMetered(): boolean {
    const connection = this.#connection;
    return connection?.saveData === true || connection?.type === "cellular";
  }

  get isBatteryLow(): boolean {
    const battery = this.#battery;
    return battery !== null && !battery.charging && battery.level < batteryRatioMin;
  }

  get isHidden(): boolean {
    return document.hidden;
  }
}
