/** Where this package is: a checkout, or the folder that npm installed it to. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of package.json above this file, which may be compiled to dist/. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) return folder;
    folder = above;
  }
  return folder;
}
