/**
 * Who may import whom (CONVENTIONS: layout).
 * Inside src a folder imports only folders to its right:
 * sim > relay, govern, swarm, viewer, health > hls, media, rtmp > config, metrics > base.
 */
const layers = [
  ["sim"],
  ["relay", "govern", "swarm", "viewer", "health"],
  ["hls", "media", "rtmp"],
  ["config", "metrics"],
  ["base"],
];
const notTest = "\\.test\\.ts$|/testing/";

const layerRules = layers.flatMap((folders, depth) =>
  folders.map((folder) => {
    const right = layers.slice(depth + 1).flat();
    const allowed = [folder, ...right].join("|");
    return {
      name: `src-${folder}-imports-only-to-its-right`,
      severity: "error",
      from: { path: `^src/${folder}/`, pathNot: notTest },
      to: { path: "^src/", pathNot: `^src/(${allowed})/` },
    };
  }),
);

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...layerRules,
    {
      name: "pure-folders-import-no-node",
      severity: "error",
      from: { path: "^src/(?!node/)", pathNot: notTest },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-folders-import-no-package",
      comment: "zod in src/config/schema*.ts is the one exception.",
      severity: "error",
      from: { path: "^src/(?!node/)", pathNot: `${notTest}|^src/config/schema[^/]*\\.ts$` },
      to: { path: "node_modules" },
    },
    {
      name: "programs-do-not-import-one-another",
      severity: "error",
      from: { path: "^(origin|edge|loadtest|grafana)/" },
      to: { path: "^(origin|edge|loadtest|grafana|bin)/", pathNot: "^$1/" },
    },
    {
      name: "src-imports-no-program",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(origin|edge|loadtest|grafana|bin)/" },
    },
    {
      name: "uwebsockets-in-one-file",
      severity: "error",
      from: { pathNot: "^edge/http/uws\\.ts$" },
      to: { path: "uWebSockets" },
    },
    {
      name: "fluent-ffmpeg-in-transcode",
      severity: "error",
      from: { pathNot: "^origin/transcode/" },
      to: { path: "node_modules/(@types/)?fluent-ffmpeg" },
    },
    {
      name: "prom-client-in-metrics",
      severity: "error",
      from: { pathNot: "metrics\\.ts$" },
      to: { path: "prom-client" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.node.json" },
    tsPreCompilationDeps: true,
    exclude: { path: "^dist/" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".mjs", ".cjs", ".json"] },
  },
};
