// Server on socket.io: a group is a room.
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const control = require("./control.cjs");

const { port, control: controlPort, event } = control.arguments();
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });

// The time is a string: JavaScript cannot represent integers of 19 digits exactly.
const template = JSON.parse(event.replace("T".repeat(19), "0"));

control.listen(controlPort, (time, group, count) => {
  for (let i = 0; i < count; i++) {
    template.data.reward_data.t = time;
    io.to(group).emit("event", template);
  }
});

io.on("connection", (socket) => socket.join(socket.handshake.query.group));
http.listen(port, "127.0.0.1", 4096);
