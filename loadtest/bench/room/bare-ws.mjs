/**
 * The least that a room can be on the library `ws`: says the welcome in its first argument to whoever
 * comes, and what is posted to it to all. Prints its port.
 */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const [welcome] = process.argv.slice(2);
const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const text = Buffer.concat(pieces).toString();
    for (const socket of sockets.clients) socket.send(text);
    response.end();
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 16_384 });
sockets.on("connection", (socket) => {
  socket.on("error", () => undefined);
  socket.send(welcome);
});
server.listen(0, "127.0.0.1", 4_096, () => console.log(server.address().port));
