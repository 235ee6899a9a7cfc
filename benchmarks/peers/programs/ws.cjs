// Server on `ws`: an event goes to every socket of its group.
const { WebSocketServer, WebSocket } = require("ws");
const control = require("./control.cjs");

const { port, control: controlPort, event } = control.arguments();
const groups = new Map();
const [before, after] = event.split("T".repeat(19));

control.listen(controlPort, (time, group, count) => {
  for (let i = 0; i < count; i++) {
    const data = Buffer.from(before + time + after);
    for (const client of groups.get(group)) {
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: false });
    }
  }
});

new WebSocketServer({ port, host: "127.0.0.1", backlog: 4096, perMessageDeflate: false }).on(
  "connection",
  (socket, request) => {
    const group = request.url.slice(1);
    if (!groups.has(group)) groups.set(group, new Set());
    groups.get(group).add(socket);
    socket.on("close", () => groups.get(group).delete(socket));
    socket.on("error", console.error);
  },
);
