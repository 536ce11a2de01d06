/**
 * The test card: a moving picture with a clock, and a tone with a beep a second, made by ffmpeg.
 * Cheap to make (9 % of a core, measured 2026-11 on 2 virtual cores), so that a demonstration leaves the machine to
 * what it demonstrates.
 */
import { execFile } from "node:child_process";

export interface TestCardOptions {
  /** Where to publish (rtmp://…/key), or a file or pipe:1. */
  url: string;
  frameRate?: number;
  /** Draw the clock and title; needs an ffmpeg with a font (see canDrawText). */
  text?: boolean;
  /** At the pace of the clock, as a camera; otherwise as fast as it goes. */
  realTime?: boolean;
  /** Ends after this; otherwise never. */
  seconds?: number;
}

/** Size of the test card's picture, in pixels. */
export const testCardSize = { width: 848, height: 480 } as const;

/** ffmpeg's arguments for publishing the test card as FLV. */
export function testCardArguments(options: TestCardOptions): string[] {
  const { url, frameRate = 30, text = true, realTime = true, seconds } = options;
  const pace = realTime ? ["-re"] : [];
  const bitsPerSec = "1200k";
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "error", "-nostdin"],
    ...[...pace, "-f", "lavfi", "-i", picture({ frameRate, text })],
    ...[...pace, "-f", "lavfi", "-i", tone],
    ...["-map", "0:v", "-map", "1:a"],
    ...(seconds === undefined ? [] : ["-t", String(seconds)]),
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1"],
    ...["-pix_fmt", "yuv420p", "-g", String(frameRate * 2), "-sc_threshold", "0"],
    ...["-b:v", bitsPerSec, "-maxrate", bitsPerSec, "-bufsize", bitsPerSec],
    ...["-c:a", "aac", "-b:a", "96k", "-ac", "2"],
    ...["-f", "flv", "-flvflags", "no_duration_filesize", url],
  ];
}

/** Whether this ffmpeg can write text: some are built without it, some machines have no font. */
export function canDrawText(ffmpegPath: string): Promise<boolean> {
  const source = "color=s=32x32:d=0.04,drawtext=text=x";
  const args = ["-v", "quiet", "-nostdin", "-f", "lavfi", "-i", source, "-f", "null", "-"];
  return new Promise((resolve) => {
    execFile(ffmpegPath, args, { timeout: 10_000 }, (error) => resolve(error === null));
  });
}

const tone = "sine=frequency=440:beep_factor=4:sample_rate=48000,volume=0.5";

/**
 * Colour bars with a sweeping line and a counter: the line shows every frame, the clock the delay.
 * Without text, ffmpeg's own `testsrc`, whose counter of seconds needs no font.
 */
function picture({ frameRate, text }: { frameRate: number; text: boolean }): string {
  const { width, height } = testCardSize;
  const size = `s=${width}x${height}:r=${frameRate}`;
  if (!text) return `testsrc=${size}`;
  const band = `drawbox=y=ih*0.34:w=iw:h=ih*0.34:color=0x10141c:t=fill`;
  const title = drawText({
    text: "FULLHOUSE  TEST CARD",
    size: 24,
    y: "h*0.37",
    color: "0xb9c2d0",
  });
  const clock = drawText({
    text: String.raw`%{localtime\:%X}`,
    size: 76,
    y: "h*0.44",
    color: "white",
  });
  const elapsed = drawText({
    text: String.raw`%{pts\:hms}`,
    size: 26,
    y: "h*0.61",
    color: "0xb9c2d0",
  });
  return [
    `smptehdbars=${size},${band},${title},${clock},${elapsed}[card]`,
    `color=c=0xff5a3c:s=8x${Math.round(height * 0.34)}:r=${frameRate}[line]`,
    `[card][line]overlay=x='mod(t*${width / 4},W)':y=H*0.34`,
  ].join(";");
}

function drawText(item: { text: string; size: number; y: string; color: string }): string {
  const { text, size, y, color } = item;
  return `drawtext=text='${text}':fontsize=${size}:fontcolor=${color}:x=(w-text_w)/2:y=${y}`;
}
