/** nginx and Varnish as peers in benchmarks: one core's worth of each, with the same headers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a server is to answer at a path. */
export interface PeerObject {
  path: string;
  body: Uint8Array;
  contentType: string;
  /** Header lines beside Content-Type, Content-Length and Date. */
  headers: Readonly<Record<string, string>>;
}

/**
 * Writes objects and a configuration for nginx as it would be tuned for this: one worker, sendfile
 * from memory (the folder should be on tmpfs), open files kept, no log. Returns its arguments.
 */
export function prepareNginx(options: {
  folder: string;
  port: number;
  objects: readonly PeerObject[];
}): string[] {
  const { folder, port, objects } = options;
  for (const { path, body } of objects) {
    mkdirSync(join(folder, "files", dirname(path)), { recursive: true });
    writeFileSync(join(folder, "files", path), body);
  }
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  // Started by root, the worker would be a user who may not read the folder.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const configuration = `
${user}
daemon off;
master_process on;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log ${folder}/error.log error;
pid ${folder}/nginx.pid;
events { worker_connections 16000; use epoll; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 65;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  etag off;
  server_tokens off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder}/files;
${objects.map(locationOf).join("\n")}
  }
}
`;
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration);
  return ["-c", file, "-p", folder, "-e", join(folder, "error.log")];
}

function locationOf({ path, contentType, headers }: PeerObject): string {
  const added = Object.entries(headers).map(
    ([name, value]) => `add_header ${name} '${value.replace(/['\\]/g, "\\$&")}';`,
  );
  const lines = ["types { }", `default_type '${contentType}';`, ...added];
  return `    location = ${path} {\n      ${lines.join("\n      ")}\n    }`;
}

/** Writes the configuration of a Varnish before a backend that caches all; returns its arguments. */
export function prepareVarnish(options: {
  folder: string;
  port: number;
  backendPort: number;
}): string[] {
  const { folder, port, backendPort } = options;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "default.vcl");
  writeFileSync(
    file,
    `vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${backendPort}"; }
sub vcl_backend_response { set beresp.ttl = 1h; }
sub vcl_deliver { unset resp.http.Via; unset resp.http.X-Varnish; }
`,
  );
  return [
    ...["-F", "-j", "none", "-n", join(folder, "state"), "-a", `127.0.0.1:${port}`, "-f", file],
    ...["-s", "malloc,64m", "-p", "thread_pool_min=250"],
  ];
}
