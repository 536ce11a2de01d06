/** Session descriptions as browsers and libdatachannel write them, for tests of the room's relay. */

const fingerprint =
  "sha-256 23:59:FA:1E:CC:0C:E3:B1:88:0F:62:D8:5A:42:2A:40:46:5F:88:C8:B9:48:BF:5D:8A:E6:BE:BC:9C:F2:EB:8D";

/** Of one data channel, with these candidates (`candidate:…`), as Chromium 156 writes it. */
export function dataChannelSdp(candidates: readonly string[] = []): string {
  return crlf([
    "v=0",
    "o=- 2338552281355644268 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS",
    "m=application 56588 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 192.168.7.7",
    ...candidates.map((candidate) => `a=${candidate}`),
    "a=ice-ufrag:Lta1",
    "a=ice-pwd:dcJ5j0pqxjthl4OCh9We/ztr",
    "a=ice-options:trickle",
    `a=fingerprint:${fingerprint}`,
    "a=setup:actpass",
    "a=mid:0",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
  ]);
}

/** The same as libdatachannel 0.24 writes it: options before the media, a direction. */
export function libdatachannelSdp(): string {
  return crlf([
    "v=0",
    "o=rtc 2825927038 0 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "a=msid-semantic:WMS *",
    "a=ice-options:ice2,trickle",
    `a=fingerprint:${fingerprint}`,
    "m=application 44086 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 10.1.2.3",
    "a=mid:0",
    "a=sendrecv",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
    "a=setup:active",
    "a=ice-ufrag:IoGv",
    "a=ice-pwd:7i5OBXlGyn3oRlPl7zz7EF",
    "a=end-of-candidates",
  ]);
}

function crlf(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n`;
}
