/** How the page's reports go to its edge: CMCD events and the beacons of quality of experience. */

interface Report {
  url: string;
  contentType: string;
  body: string;
}

/** Resolves with the answer's status, also when the page is left meanwhile; rejects without one. */
export async function postReport({ url, contentType, body }: Report): Promise<number> {
  const headers = { "Content-Type": contentType };
  const answer = await fetch(url, { method: "POST", headers, body, keepalive: true });
  return answer.status;
}

/** Hands over the last words of a page that goes away; false when the browser takes no more. */
export function beaconReport({ url, contentType, body }: Report): boolean {
  return navigator.sendBeacon(url, new Blob([body], { type: contentType }));
}
