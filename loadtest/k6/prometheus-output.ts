/** k6's own output to Prometheus (remote write): what it is started with, and whether it can work. */
import { AppError } from "../../src/base/errors.ts";

export interface K6Output {
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
}

const writePath = "/api/v1/write";
const answerMsMax = 5_000;

/** Trends are written as quantiles: their samples cannot be added up over generators. */
export function prometheusOutput(url: string): K6Output {
  return {
    // k6 2.2 still calls it experimental.
    args: ["--out", "experimental-prometheus-rw"],
    environment: {
      K6_PROMETHEUS_RW_SERVER_URL: writeUrl(url),
      K6_PROMETHEUS_RW_TREND_STATS: "p(50),p(95),p(99),max",
      K6_PROMETHEUS_RW_PUSH_INTERVAL: "5s",
      K6_PROMETHEUS_RW_STALE_MARKERS: "true",
    },
  };
}

/** Throws an AppError unless a server takes remote writes there: k6 would only log it, each 5 s. */
export async function checkPrometheus(url: string): Promise<void> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new AppError(
      "USAGE",
      `--prometheus must be a URL such as http://127.0.0.1:9090, got ${url}`,
    );
  }
  const status = await statusOfWrite(url);
  if (status === undefined) {
    throw new AppError(
      "TARGET_UNREACHABLE",
      `no Prometheus answers at ${url}: start it, or leave --prometheus out`,
    );
  }
  if (status === 404) {
    throw new AppError(
      "TARGET_UNREACHABLE",
      `${url} takes no remote writes: start Prometheus with --web.enable-remote-write-receiver`,
    );
  }
}

/** An empty write is refused as malformed, or taken, by who takes any. */
async function statusOfWrite(url: string): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(answerMsMax);
    return (await fetch(writeUrl(url), { method: "POST", signal })).status;
  } catch {
    return undefined;
  }
}

function writeUrl(url: string): string {
  return url.replace(/\/+$/, "") + writePath;
}
