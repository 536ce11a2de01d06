/**
 * Stands in for fullhouse.mjs in tests of the supervisor: opens the ports of its configuration,
 * reports them, starts a process of its own as the origin starts its encoder, and ends when told or
 * when it is left alone. A file `refuse` in its state folder makes it fail.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";

const config = parse(readFileSync(process.argv[4], "utf8"));
if (existsSync(join(config.stateDir, "refuse"))) {
  console.error(JSON.stringify({ level: 60, msg: "this node refuses to start" }));
  process.exit(1);
}
const encoder = spawn(process.execPath, ["-e", "setInterval(() => {}, 60000)"], {
  stdio: "ignore",
});
writeFileSync(join(config.stateDir, "encoder-pid"), String(encoder.pid));

const ports = {};
for (const name of ["rtmp", "tier", "viewer", "admin"]) {
  const address = config[name].listen;
  if (address === null) continue;
  const server = createServer();
  await new Promise((resolve) => {
    server.listen(Number(address.split(":")[1]), "127.0.0.1", resolve);
  });
  ports[name] = server.address().port;
}

const end = (word) => {
  if (existsSync(join(config.stateDir, "stubborn"))) return;
  writeFileSync(join(config.stateDir, "ended"), `${word} ${performance.timeOrigin}`);
  console.error(JSON.stringify({ level: 30, msg: word }));
  process.exit(0);
};
process.on("SIGTERM", () => end("told"));
process.on("disconnect", () => {
  encoder.kill();
  end("alone");
});
console.error(JSON.stringify({ level: 40, msg: "a warning" }));
process.send({ ready: ports });
