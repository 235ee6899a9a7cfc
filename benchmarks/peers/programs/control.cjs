// Reads control lines `<time> <group> <count>` and publishes a burst in each turn of the loop.
const net = require("node:net");
const fs = require("node:fs");

exports.arguments = () => {
  const [port, control, event] = process.argv.slice(2);
  return { port: Number(port), control: Number(control), event: fs.readFileSync(event, "utf8") };
};

exports.listen = (port, publish) => {
  const waiting = [];
  const turn = () => {
    const [time, group, count] = waiting.shift().split(" ");
    publish(time, `g${group}`, Number(count));
    if (waiting.length) setImmediate(turn);
  };
  net
    .createServer((socket) => {
      let rest = "";
      socket.on("data", (data) => {
        const idle = waiting.length === 0;
        const lines = (rest + data).split("\n");
        rest = lines.pop();
        waiting.push(...lines);
        if (idle && waiting.length) setImmediate(turn);
      });
    })
    .listen(port, "127.0.0.1");
};
