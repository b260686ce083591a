// Ports of 127.0.0.1 for servers and proxies, below those that the system gives to sockets without one: a port that is
// closed for a while stays free.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

const FIRST = 20_000;
const COUNT = 10_000;
const TRIES_MAX = 20;

/** A port that may be free. */
export function randomPort(): number {
  return FIRST + Math.floor(Math.random() * COUNT);
}

/** A port that is free now, over UDP and TCP. */
export async function freeServerPort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = randomPort();
    try {
      await tryPort(port);
      return port;
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
  }
}

/** Rejects where the port is taken. */
async function tryPort(port: number): Promise<void> {
  const [udp, tcp] = [createSocket("udp4"), createServer()];
  try {
    udp.bind(port, "127.0.0.1");
    await once(udp, "listening");
    tcp.listen(port, "127.0.0.1");
    await once(tcp, "listening");
    tcp.close();
    await once(tcp, "close");
  } finally {
    udp.close();
  }
}
