/** Reads what the configuration says of the page, its files included, and says all that is wrong. */
import { open } from "node:fs/promises";
import { AppError } from "../../src/base/errors.ts";
import type { Config } from "../../src/config/schema.ts";
import type { Brand, BrandFile } from "./brand.ts";
import { fileKindOf, type FileKind } from "./file-kind.ts";

interface FileRule {
  key: "logoFile" | "posterFile" | "styleFile";
  kinds: readonly FileKind[];
  bytesMax: number;
}

const rules = {
  logo: { key: "logoFile", kinds: ["svg", "png"], bytesMax: 65_536 },
  poster: { key: "posterFile", kinds: ["svg", "png", "jpg", "webp"], bytesMax: 524_288 },
  style: { key: "styleFile", kinds: ["css"], bytesMax: 65_536 },
} as const satisfies Record<string, FileRule>;

const contentTypes: Readonly<Record<FileKind, string>> = {
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  webp: "image/webp",
  css: "text/css; charset=utf-8",
};

/** Throws CONFIG_INVALID that names each key, the rule and what its file is. */
export async function readBrand(page: Config["page"]): Promise<Brand> {
  const problems: string[] = [];
  const read = async (rule: FileRule): Promise<BrandFile | null> => {
    const path = page[rule.key];
    if (path === null) return null;
    const file = await readBrandFile(path, rule);
    if (typeof file !== "string") return file;
    problems.push(`page.${rule.key} ${file} (${path})`);
    return null;
  };
  const { title: name, tagline, accentColour, backgroundColour, broadcasts, publicUrl } = page;
  const [logo, poster, style] = [
    await read(rules.logo),
    await read(rules.poster),
    await read(rules.style),
  ];
  if (problems.length > 0) throw new AppError("CONFIG_INVALID", problems.join("\n"));
  const words = { name, tagline, broadcasts, publicUrl };
  return { ...words, logo, poster, style, accentColour, backgroundColour };
}

/** The file, or what is wrong with it as it reads on from the key. */
async function readBrandFile(
  path: string,
  { kinds, bytesMax }: FileRule,
): Promise<BrandFile | string> {
  const bytes = await readAtMost(path, bytesMax + 1);
  if (bytes === null) return "must be a file that can be read";
  if (bytes.length > bytesMax) return `must be at most ${bytesMax} bytes`;
  const kind = fileKindOf(bytes, path);
  if (kind === null || !kinds.includes(kind)) {
    const wanted = kinds.map((one) => one.toUpperCase()).join(", ");
    return `must be ${wanted}; its content is ${kind === null ? "none of these" : kind.toUpperCase()}`;
  }
  return { contentType: contentTypes[kind], ending: kind, bytes };
}

/** Null when it cannot be read; a device or a huge file costs no more than the limit. */
async function readAtMost(path: string, bytesMax: number): Promise<Uint8Array | null> {
  try {
    const file = await open(path, "r");
    try {
      if (!(await file.stat()).isFile()) return null;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    // Whatever the reason, the operator looks at the path.
    return null;
  }
}
