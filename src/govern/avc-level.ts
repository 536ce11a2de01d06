/**
 * The H.264 level that a picture size, frame rate and bit rate need (ITU-T H.264 table A-1, Main
 * profile). Never below 3.0, which every player since 2008 decodes, so that small rungs share one.
 */

/** level, macroblocks a second, macroblocks a frame, kbps. */
const levels: readonly (readonly [string, number, number, number])[] = [
  ["3.0", 40_500, 1_620, 10_000],
  ["3.1", 108_000, 3_600, 14_000],
  ["3.2", 216_000, 5_120, 20_000],
  ["4.0", 245_760, 8_192, 20_000],
  ["4.1", 245_760, 8_192, 50_000],
  ["4.2", 522_240, 8_704, 50_000],
  ["5.0", 589_824, 22_080, 135_000],
  ["5.1", 983_040, 36_864, 240_000],
  ["5.2", 2_073_600, 36_864, 240_000],
];

/** The lowest level that allows it, as x264 names it; the highest known one when none does. */
export function avcLevel(picture: {
  width: number;
  height: number;
  frameRate: number;
  kbps: number;
}): string {
  const columns = Math.ceil(picture.width / 16);
  const rows = Math.ceil(picture.height / 16);
  const frameBlocks = columns * rows;
  const fits = levels.find(
    ([, blocksPerSec, blocks, kbps]) =>
      frameBlocks <= blocks &&
      frameBlocks * picture.frameRate <= blocksPerSec &&
      picture.kbps <= kbps &&
      Math.max(columns, rows) <= Math.sqrt(8 * blocks),
  );
  return fits?.[0] ?? "5.2";
}
