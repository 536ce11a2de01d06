/** `tcp-forwarder.mjs PORT`: passes connections on to PORT of loopback, and prints its own port. */
import { connect, createServer } from "node:net";

const port = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (viewer) => {
  const edge = connect({ port, host: "127.0.0.1", noDelay: true });
  viewer.on("error", () => edge.destroy()).pipe(edge);
  edge.on("error", () => viewer.destroy()).pipe(viewer);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
