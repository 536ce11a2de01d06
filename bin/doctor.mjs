/** `fullhouse doctor`: what is present, what is missing, and the command for each. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { nodePackagesProblem } from "./node-packages.mjs";
import { isNodeSupported, nodeVersionMin } from "./node-version.mjs";
import { requirements } from "./requirements.mjs";
import { adviceFor } from "./setup.mjs";
import { packageManager } from "./system-packages.mjs";

const purposeWords = { run: "to run", test: "for tests", bench: "for benchmarks" };

/** Prints the findings; true when nothing that running needs is missing. */
export async function doctor(root) {
  const manager = packageManager();
  const rows = [
    nodeRow(),
    ...nativeRows(root),
    ...packageRows(root),
    ...requirements.map((requirement) => toolRow(requirement, manager)),
    ...(await k6Rows(root)),
  ];
  for (const { ok, name, purpose, found, advice = [] } of rows) {
    const mark = ok ? "ok     " : "MISSING";
    console.log(`${mark}  ${name.padEnd(13)} ${purposeWords[purpose].padEnd(15)} ${found}`);
    for (const line of ok ? [] : advice) console.log(`         ${line}`);
  }
  const missing = rows.filter(({ ok }) => !ok);
  const fatal = missing.filter(({ purpose }) => purpose === "run");
  console.log(
    fatal.length > 0
      ? `\nFullhouse cannot run without ${fatal.map(({ name }) => name).join(", ")}.`
      : `\nFullhouse can run here${missing.length === 0 ? "." : "; what is missing is for tests or benchmarks."}`,
  );
  return fatal.length === 0;
}

function nodeRow() {
  const version = process.versions.node;
  return {
    ok: isNodeSupported(version),
    name: "node",
    purpose: "run",
    found: `${version} (${nodeVersionMin} or newer; ${process.platform} ${process.arch})`,
    advice: ["https://nodejs.org"],
  };
}

function packageRows(root) {
  if (!existsSync(join(root, "package-lock.json"))) return [];
  const problem = nodePackagesProblem(root);
  return [
    {
      ok: problem === undefined,
      name: "npm packages",
      purpose: "run",
      found: problem ?? "as in package-lock.json",
      advice: [`cd ${root} && npm ci`],
    },
  ];
}

/** The viewer port's native library exists for some platforms and versions of Node only. */
function nativeRows() {
  const binary = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  const folder = packageFolder("uWebSockets.js");
  if (folder === undefined) return [];
  return [
    {
      ok: existsSync(join(folder, binary)),
      name: "uWebSockets",
      purpose: "run",
      found: existsSync(join(folder, binary)) ? binary : `no ${binary}`,
      advice: ["use Node 20, 22 or 24 on Linux (glibc) or macOS, x64 or arm64"],
    },
  ];
}

/** Where Node finds a package from here; a package installed by npm has its dependencies above. */
function packageFolder(name) {
  try {
    return join(new URL(import.meta.resolve(name)).pathname, "..");
  } catch {
    return undefined;
  }
}

function toolRow(requirement, manager) {
  const { version, problem } = requirement.find();
  return {
    ok: problem === undefined,
    name: requirement.name,
    purpose: requirement.purpose,
    found: problem === undefined ? version : `${problem}; ${requirement.what}`,
    advice: adviceFor([requirement], manager),
  };
}

async function k6Rows(root) {
  const build = join(root, "loadtest/k6/build/build.mjs");
  if (!existsSync(build)) return [];
  const { describeK6 } = await import(pathToFileURL(build).href);
  const { ok, line } = describeK6();
  return [{ ok, name: "k6", purpose: "test", found: line.replace(/^k6:? /, ""), advice: [] }];
}
