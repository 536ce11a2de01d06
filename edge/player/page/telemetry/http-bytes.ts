/**
 * Bytes of media that came from the edge, as the browser itself counted them: without what its cache
 * gave. Where it does not say, they are 0.
 */
const mediaName = /\/live\/[^?#]*\.(?:m4s|mp4)(?:[?#]|$)/;

export class HttpBytes {
  total = 0;

  constructor() {
    if (!PerformanceObserver.supportedEntryTypes.includes("resource")) return;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry instanceof PerformanceResourceTiming && mediaName.test(entry.name)) {
          this.total += entry.transferSize === 0 ? 0 : entry.encodedBodySize;
        }
      }
    });
    observer.observe({ type: "resource", buffered: true });
  }
}
