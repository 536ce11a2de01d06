import { expect, test } from "vitest";
import { judgeAdminAsk, type AdminAsk, type AdminVerdict } from "./admin-access.ts";

const rules = { token: "right", allowedHosts: ["control.example"] };

function check(ask: Partial<AdminAsk>, expected: AdminVerdict): void {
  const whole = {
    path: "/metrics",
    host: "localhost:9100",
    authorization: undefined,
    remote: "127.0.0.1",
    ...ask,
  };
  expect(judgeAdminAsk(whole, rules), JSON.stringify(ask)).toBe(expected);
}

test("health and metrics are open to this machine", () => {
  for (const path of ["/metrics", "/healthz", "/readyz", "/"]) check({ path }, "allowed");
  check({ remote: "::ffff:127.0.0.1" }, "allowed");
  check({ remote: "::1", host: "[::1]:9100" }, "allowed");
});

test("from elsewhere they need the token", () => {
  check({ remote: "10.1.2.3" }, "no-token");
  check({ remote: undefined }, "no-token");
  check({ remote: "10.1.2.3", authorization: "Bearer right" }, "allowed");
});

test("the status page and its files hold no data, and are open to whoever names one of our hosts", () => {
  for (const path of ["/", "/assets/page-0123456789ab.js"]) {
    check({ path, remote: "10.1.2.3" }, "allowed");
    check({ path, remote: "10.1.2.3", host: "evil.example" }, "wrong-host");
  }
  check({ path: "/assets", remote: "10.1.2.3" }, "no-token");
});

test("the API needs the token from anywhere", () => {
  check({ path: "/api/x" }, "no-token");
  for (const authorization of [
    "Bearer wrong",
    "Bearer ",
    "right",
    "Basic right",
    "bearer\tright",
  ]) {
    check({ path: "/api/x", authorization }, "no-token");
  }
  check({ path: "/api/x", authorization: "Bearer right" }, "allowed");
});

test("a host name that is not ours is refused, token or not", () => {
  const hosts = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", undefined];
  for (const host of hosts) check({ host, authorization: "Bearer right" }, "wrong-host");
  check({ host: "control.example" }, "allowed");
  check({ host: "CONTROL.example:1" }, "allowed");
});
