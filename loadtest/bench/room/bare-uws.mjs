/**
 * The least that a room can be on the engine of the viewer port: says the welcome in its first argument
 * to whoever comes, and what is posted to it to all. Prints its port. No part of any program of ours.
 */
import { createRequire } from "node:module";

const [welcome] = process.argv.slice(2);
const uws = createRequire(import.meta.url)("uWebSockets.js");
const topic = "all";
const app = uws.App();
app.ws("/*", {
  compression: 0,
  maxPayloadLength: 16_384,
  maxBackpressure: 65_536,
  closeOnBackpressureLimit: true,
  idleTimeout: 120,
  sendPingsAutomatically: true,
  open: (socket) => {
    socket.send(welcome);
    socket.subscribe(topic);
  },
});
app.post("/*", (response) => {
  const pieces = [];
  response.onAborted(() => undefined);
  response.onData((piece, isLast) => {
    pieces.push(Buffer.from(new Uint8Array(piece)));
    if (!isLast) return;
    app.publish(topic, Buffer.concat(pieces).toString());
    response.end();
  });
});
app.listen("127.0.0.1", 0, (socket) => console.log(uws.us_socket_local_port(socket)));
