import { expect, test } from "vitest";
import { resolveConfig } from "./resolve.ts";

function check(page: Record<string, unknown>, expected: string) {
  const result = resolveConfig([{ source: "test", values: { page } }]);
  const said = result.ok ? "" : result.problems.map(({ key, rule }) => `${key} ${rule}`).join();
  expect(said).toBe(expected);
}

test("a page of one's own is taken, and each wrong value is named with its rule", () => {
  const colourRule = "must be a colour as # and 6 hexadecimal digits";
  check({ title: "Théâtre", tagline: "", accentColour: "#00A3fF", logoFile: "logo.svg" }, "");
  check({ accentColour: "red" }, `page.accentColour ${colourRule}`);
  check({ accentColour: "#12345" }, `page.accentColour ${colourRule}`);
  check({ backgroundColour: "#fff;} *{" }, `page.backgroundColour ${colourRule}`);
  check({ title: "one\ntwo" }, "page.title must be one line without control characters");
  check({ title: "" }, "page.title must be at least 1 letters");
  const gala = { feed: "main", title: "The Gala" };
  check({ broadcasts: [gala], publicUrl: "https://live.example/night" }, "");
  check({ broadcasts: [gala, gala] }, "page.broadcasts must name each feed once");
  check(
    { broadcasts: [{ ...gala, feed: "A" }] },
    "page.broadcasts.0.feed must be 1 to 32 of a-z, 0-9 and -",
  );
  check(
    { broadcasts: [{ feed: "main", title: "" }] },
    "page.broadcasts.0.title must be at least 1 letters",
  );
  for (const publicUrl of ["live.example", "ftp://live.example", 'https://a"b', "https://a?b"]) {
    check({ publicUrl }, "page.publicUrl must begin with http:// or https://");
  }
  check({ logoFile: "" }, "page.logoFile must be at least 1 letters");
});
