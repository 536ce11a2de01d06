import { expect, test } from "vitest";
import { ceilingOf } from "./socket-ceiling.ts";

const ample = { to: 5_000, edges: 2, openFiles: 1_000_000, localPorts: 28_000 };

test.each([
  [{}, 5_000, "range", "--to 5000"],
  [{ openFiles: 4_000 }, 3_800, "descriptors", "ulimit -n"],
  [{ to: 90_000 }, 56_000, "ports", "ip_local_port_range"],
])("with %j no more than %i viewers are tried, by %s", (more, viewers, by, words) => {
  const ceiling = ceilingOf({ ...ample, ...more });
  expect(ceiling).toMatchObject({ viewers, by });
  expect(ceiling.words).toContain(words);
});
