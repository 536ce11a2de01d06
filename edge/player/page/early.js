/* Starts the first request of the page while its script still loads: one round trip to a frame less. */
(() => {
  const feed = /\/(?:watch|embed)\/([a-z0-9-]{1,32})\/?$/.exec(location.pathname)?.[1];
  if (feed === undefined) return;
  let isAudioOnly = false;
  try {
    isAudioOnly = localStorage.getItem("fullhouse.quality") === "audioOnly";
  } catch {
    /* A foreign frame without storage: the default is right. */
  }
  const link = document.createElement("link");
  link.rel = "preload";
  link.as = "fetch";
  link.crossOrigin = "anonymous";
  link.href = `../live/${feed}/${isAudioOnly ? "audio/" : ""}index.m3u8`;
  document.head.append(link);
})();
