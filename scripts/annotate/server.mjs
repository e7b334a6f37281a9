// The server under test: a process that is started, killed and started again on the same port.

import { spawn } from "node:child_process";
import net from "node:net";

const START = 120_000;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A port that is free now. */
function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class ServerProcess {
  /** `command`: a line for bash, in which {port} stands for the port. */
  static async start(command) {
    const port = await freePort();
    const server = new ServerProcess(command.replaceAll("{port}", port), `http://127.0.0.1:${port}`);
    process.on("exit", () => server.child && process.kill(-server.child.pid, "SIGKILL"));
    await server.start();
    return server;
  }

  constructor(line, address) {
    this.line = line;
    this.address = address;
    this.child = null;
  }

  /** Starts the process and waits until it answers. */
  async start() {
    // A process group, so that a kill also reaches what the command has started.
    this.child = spawn("bash", ["-c", this.line], { detached: true, stdio: ["ignore", "ignore", "inherit"] });
    const { child } = this;
    child.on("exit", (code) => {
      if (code) throw new Error(`the server ended with status ${code}`);
    });
    for (const end = Date.now() + START; Date.now() < end; await pause(100)) {
      if (await fetch(`${this.address}/api/project`).then((reply) => reply.ok, () => false)) return;
    }
    throw new Error("the server did not answer");
  }

  /** SIGKILL: no chance to finish anything. */
  async kill() {
    const { child } = this;
    this.child = null;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, "SIGKILL");
    await gone;
  }

  async get(path) {
    return (await fetch(this.address + path)).json();
  }

  async post(path, body) {
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return (await fetch(this.address + path, request)).json();
  }
}
