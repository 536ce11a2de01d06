/**
 * Which native binaries of uWebSockets.js are trusted: those of the npm package `uwebsockets` 3.0.6
 * (source_commit b8704be9), by SHA-256. A binary that is missing or different ends the start.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { AppError } from "../../src/base/errors.ts";

/** By `{platform}_{arch}_{ABI}`: Node 20 has ABI 115, 22 has 127, 24 has 137. */
const trustedSha256: Readonly<Record<string, string>> = {
  linux_x64_115: "f4fa5d7b697529b45ac8aa3d57385d9af51bc1d2b26aa9f5b68ca4361542e665",
  linux_x64_127: "78e38a9a163b1cf33ce539619e5908111dea95a12e7943d95fbcdd524879caa8",
  linux_x64_137: "3b549c14e01d9d1faf234cdf4b6f0fb08158605e3692cd0eb1b905e327bd3449",
  linux_arm64_115: "034e0fcccdc08f90df3b130f421516311831b1352fe38eab91abc2984c2fdf3a",
  linux_arm64_127: "a7d9bc3ec166421a49416d5ea4f49118ae68ea1dbf8a765c4f45a79b0b6adb13",
  linux_arm64_137: "b6eb007d627e00bcce03ad38f197124e9027c03f6fe784b37f97b8a6ea709cb4",
  darwin_x64_115: "7552dc27e278be4a5f9ca4f571676e9046929ef8753b1bb63b84f78e1a752a11",
  darwin_x64_127: "1bcd63a9cd5cda811d899b80f9b1f7c9f29d128feafebe6976069ab1045a0335",
  darwin_x64_137: "7df6e0b2be43048200370a64ee91d6563879f5d3b0207f846dc81377ffc4e189",
  darwin_arm64_115: "f6132ac4d0954ce32ed716d5b367270904c5885bc6e01dcc8ae5809a8967d504",
  darwin_arm64_127: "84ab0c487fbbb895afbfa24c7ac02db5922b2eb468b3a4663aaca52af29b420c",
  darwin_arm64_137: "dd7623e7e600dcc1384c4a639ac05849f0c27125be8c431b702e0513e86613f0",
};

export interface Platform {
  platform: string;
  arch: string;
  abi: string;
  nodeVersion: string;
}

export function thisPlatform(): Platform {
  const { platform, arch, versions } = process;
  return { platform, arch, abi: versions.modules, nodeVersion: versions.node };
}

/** Throws an AppError unless this platform's binary is there and is the trusted one. */
export function checkNativeBinary(
  resolve: (file: string) => string,
  on: Platform = thisPlatform(),
): void {
  const key = `${on.platform}_${on.arch}_${on.abi}`;
  const trusted = Object.hasOwn(trustedSha256, key) ? trustedSha256[key] : undefined;
  if (trusted === undefined) {
    throw new AppError(
      "PLATFORM_UNSUPPORTED",
      `the viewer port does not run on ${on.platform} ${on.arch} with Node ${on.nodeVersion}: use Linux or macOS (x64 or arm64) with Node 20, 22 or 24`,
    );
  }
  const file = `uws_${key}.node`;
  const found = sha256OfFile(resolve, file);
  if (found !== trusted) {
    throw new AppError(
      "PLATFORM_UNSUPPORTED",
      `${file} of uWebSockets.js is ${found === undefined ? "missing" : "not the trusted build"}: install the dependencies again with npm ci`,
    );
  }
}

function sha256OfFile(resolve: (file: string) => string, file: string): string | undefined {
  try {
    return createHash("sha256")
      .update(readFileSync(resolve(file)))
      .digest("hex");
  } catch {
    // Missing or unreadable is the same to the caller, which says so.
    return undefined;
  }
}
