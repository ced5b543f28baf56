// node node.cjs PORT ws|socket.io: what is received goes to everybody as it is.
const [, , port, kind] = process.argv;
const server = require("http").createServer();
if (kind === "ws") {
  const { WebSocketServer, WebSocket } = require("ws");
  const viewers = new WebSocketServer({ server, perMessageDeflate: false });
  viewers.on("connection", (viewer) =>
    viewer.on("message", (data) => {
      const text = data.toString();
      for (const each of viewers.clients) if (each.readyState === WebSocket.OPEN) each.send(text);
    }),
  );
} else {
  const { Server } = require("socket.io");
  const io = new Server(server, { perMessageDeflate: false });
  io.on("connection", (viewer) => {
    viewer.join("room");
    viewer.on("chat", (message) => io.to("room").emit("chat", message));
  });
}
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
