// Control connection: a line `<time> <group> <count>` publishes a burst. One burst per iteration of
// the event loop.
const net = require("node:net");
const fs = require("node:fs");

exports.arguments = () => {
  const [port, control, event] = process.argv.slice(2);
  return { port: Number(port), control: Number(control), event: fs.readFileSync(event, "utf8") };
};

exports.listen = (port, publish) => {
  const queue = [];
  const publishNext = () => {
    const [time, group, count] = queue.shift().split(" ");
    publish(time, `g${group}`, Number(count));
    if (queue.length) setImmediate(publishNext);
  };
  net
    .createServer((socket) => {
      let rest = "";
      socket.on("data", (data) => {
        const idle = queue.length === 0;
        const lines = (rest + data).split("\n");
        rest = lines.pop();
        queue.push(...lines);
        if (idle && queue.length) setImmediate(publishNext);
      });
    })
    .listen(port, "127.0.0.1");
};
