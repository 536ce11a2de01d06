import hlsParser from "hls-parser";
import { Parser as M3u8Parser } from "m3u8-parser";

/** What two independent parsers, hls-parser in strict mode and m3u8-parser, have against a playlist. */
export function strictProblems(text: string): string[] {
  const problems: string[] = [];
  hlsParser.setOptions({ strictMode: true });
  try {
    hlsParser.parse(text);
  } catch (error) {
    problems.push(String(error));
  }
  const parser = new M3u8Parser();
  parser.on("warn", ({ message }) => problems.push(message));
  parser.push(text);
  parser.end();
  return problems;
}
