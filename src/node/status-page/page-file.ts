/** The built status page: files as they are served, without headers, and as they lie in a folder. */

export interface PageFile {
  /** "" is the page itself, others are content-hashed names under /assets/. */
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

/** What stands in the list beside the built files. */
export interface ListedFile {
  name: string;
  contentType: string;
  file: string;
}

/** Name of the list of what was built. */
export const listName = "page.json";
