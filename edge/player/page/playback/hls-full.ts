/** All of hls.js, for broadcasts with captions: an import of its own, so that others do not pay. */
export { default } from "hls.js/dist/hls.mjs";
