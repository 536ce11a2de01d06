/** Starts night-thread.ts in a thread: worker threads do not inherit tsx's module loader. */
import { register } from "tsx/esm/api";

register();
await import("./night-thread.ts");
