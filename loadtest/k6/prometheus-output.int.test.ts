import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { freePort } from "../wire/free-port.ts";
import { checkPrometheus, prometheusOutput } from "./prometheus-output.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server that answers writes with the status, as Prometheus does with and without its receiver. */
async function serverOf(status: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test.each(["prometheus:9090", "ftp://host/", ""])("%j is no URL to write to", async (url) => {
  await expect(checkPrometheus(url)).rejects.toMatchObject({
    code: "USAGE",
    message: `--prometheus must be a URL such as http://127.0.0.1:9090, got ${url}`,
  });
});

test("nobody there is said before anything starts", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  await expect(checkPrometheus(url)).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
    message: `no Prometheus answers at ${url}: start it, or leave --prometheus out`,
  });
});

test("one that takes no writes is said with the option that it needs", async () => {
  const { url } = await serverOf(404);
  await expect(checkPrometheus(url)).rejects.toThrow("--web.enable-remote-write-receiver");
});

test("one that finds an empty write malformed will do, and is where k6 writes", async () => {
  const { url, asked } = await serverOf(400);
  await checkPrometheus(`${url}/`);
  expect(asked).toEqual(["POST /api/v1/write"]);
  const { environment } = prometheusOutput(`${url}/`);
  expect(environment["K6_PROMETHEUS_RW_SERVER_URL"]).toBe(`${url}/api/v1/write`);
});
