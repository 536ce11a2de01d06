/**
 * A real OBS Studio under Xvfb, streaming a still scene: the publisher our users have.
 * Opt-in (npm run test:obs); needs the Debian packages obs-studio, xvfb and libgl1-mesa-dri.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Obs {
  /** OBS's own log so far. */
  log(): string;
  /** Resolves when the log matches. */
  logged(pattern: RegExp, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ObsOptions {
  server: string;
  key: string;
}

/** Starts OBS, which begins to stream at once. */
export function startObs(options: ObsOptions): Obs {
  const home = mkdtempSync(join(tmpdir(), "fullhouse-obs-"));
  writeSettings(home, options);
  const child = spawn(
    "xvfb-run",
    [
      ...["--auto-servernum", "--server-args=-screen 0 1280x720x24"],
      ...["obs", "--startstreaming", "--multi", "--verbose", "--disable-updater"],
    ],
    {
      env: {
        ...process.env,
        HOME: home,
        XDG_CONFIG_HOME: join(home, ".config"),
        XDG_RUNTIME_DIR: home,
      },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  let text = "";
  const waiters = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      for (const wake of [...waiters]) wake();
    });
  }
  const log = (): string => text;
  return {
    log,
    logged: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const done = (error?: Error): void => {
          clearTimeout(timer);
          waiters.delete(look);
          if (error === undefined) resolve();
          else reject(error);
        };
        const look = (): void => {
          if (pattern.test(text)) done();
        };
        const timer = setTimeout(
          () => done(new Error(`OBS never said ${String(pattern)}:\n${text.slice(-4000)}`)),
          timeoutMs,
        );
        waiters.add(look);
        look();
      }),
    stop: async () => {
      if (child.exitCode === null && child.pid !== undefined) {
        const ended = once(child, "exit");
        // The whole group: xvfb-run, Xvfb and OBS.
        process.kill(-child.pid, "SIGKILL");
        await ended;
      }
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function writeSettings(home: string, { server, key }: ObsOptions): void {
  const base = join(home, ".config/obs-studio");
  const profile = join(base, "basic/profiles/Test");
  const scenes = join(base, "basic/scenes");
  for (const folder of [profile, scenes]) mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(base, "global.ini"),
    [
      "[General]",
      "FirstRun=true",
      "LastVersion=486539264",
      "EnableAutoUpdates=false",
      "[Basic]",
      "Profile=Test",
      "ProfileDir=Test",
      "SceneCollection=Test",
      "SceneCollectionFile=Test",
      "ConfigOnNewProfile=false",
      "",
    ].join("\n"),
  );
  writeFileSync(
    join(profile, "basic.ini"),
    [
      "[General]",
      "Name=Test",
      "[Video]",
      "BaseCX=640",
      "BaseCY=360",
      "OutputCX=640",
      "OutputCY=360",
      "FPSType=0",
      "FPSCommon=30",
      "[Output]",
      "Mode=Simple",
      "Reconnect=true",
      "RetryDelay=2",
      "MaxRetries=25",
      "[SimpleOutput]",
      "StreamEncoder=x264",
      "VBitrate=800",
      "ABitrate=96",
      "",
    ].join("\n"),
  );
  writeFileSync(
    join(profile, "service.json"),
    JSON.stringify({
      type: "rtmp_custom",
      settings: { server, key, use_auth: false, bwtest: false },
    }),
  );
  writeFileSync(
    join(scenes, "Test.json"),
    JSON.stringify({
      name: "Test",
      current_scene: "Scene",
      current_program_scene: "Scene",
      scene_order: [{ name: "Scene" }],
      sources: [
        { id: "scene", name: "Scene", settings: { items: [], id_counter: 0, custom_size: false } },
      ],
    }),
  );
}

/** What is missing for OBS to run, as the command that installs it; empty when nothing is. */
export function missingForObs(): string {
  const path = (process.env["PATH"] ?? "").split(":");
  const has = (name: string): boolean =>
    path.some((folder) => {
      try {
        return readdirSync(folder).includes(name);
      } catch {
        return false;
      }
    });
  return has("obs") && has("xvfb-run")
    ? ""
    : "apt-get install -y --no-install-recommends obs-studio xvfb libgl1-mesa-dri";
}
