import { expect, test } from "vitest";
import { captionText, isCaption, nextWish, trackFor, type CaptionTrack } from "./caption-choice.ts";

const track = (language: string, label = "", kind = "subtitles"): CaptionTrack => {
  return { kind, language, label };
};
const english = track("en", "English");
const portuguese = track("pt-BR", "Português");
const nameless = track("", "", "captions");

test.each<[CaptionTrack[], string, number]>([
  [[], "en", -1],
  [[english, portuguese], "off", -1],
  [[english, portuguese], "pt-BR", 1],
  [[english, portuguese], "pt-PT", 1],
  [[english, portuguese], "fr", 0],
  [[english, portuguese], "on", 0],
  [[nameless], "en", 0],
])("of %o a viewer who wished %s is shown track %d", (tracks, wish, expected) => {
  expect(trackFor(tracks, wish)).toBe(expected);
});

test("pressing goes through the languages, then to none, and on again", () => {
  const tracks = [english, portuguese];
  const wishes = ["off"];
  for (let press = 0; press < 4; press += 1) wishes.push(nextWish(tracks, wishes.at(-1)!));
  expect(wishes).toEqual(["off", "en", "pt-BR", "off", "en"]);
  expect(nextWish([nameless], "off")).toBe("on");
  expect(nextWish([nameless], "on")).toBe("off");
});

test("the button says what is shown", () => {
  expect(captionText([english], "off")).toBe("Captions off");
  expect(captionText([english], "en")).toBe("Captions: English");
  expect(captionText([track("en")], "en")).toBe("Captions: en");
  expect(captionText([nameless], "on")).toBe("Captions on");
});

test("what is not read is no caption", () => {
  const kinds = ["captions", "subtitles", "chapters", "metadata", "descriptions"];
  expect(kinds.filter((kind) => isCaption(track("en", "", kind)))).toEqual([
    "captions",
    "subtitles",
  ]);
});
