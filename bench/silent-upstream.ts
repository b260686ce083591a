// An upstream that never answers: a bound UDP socket that nobody reads, so that silence costs no CPU either. Run as a
// program; tells its port as JSON on standard output. A signal ends it.
import { createSocket } from "node:dgram";
import { writeSync } from "node:fs";

const STANDARD_OUTPUT = 1;

const socket = createSocket("udp4");
socket.bind(0, "127.0.0.1", () => {
  writeSync(STANDARD_OUTPUT, `${JSON.stringify({ port: socket.address().port })}\n`);
  // Blocks the event loop for good: what arrives stays in the kernel, which drops it when the buffer is full.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
