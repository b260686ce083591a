// Sends frames to a receiver of dnstap over a Unix socket or TCP. Connects again, later each time, when the receiver
// goes; waits for nobody: frames that it does not take in time are lost, and counted by the caller.
import { connect } from "node:net";
import type { Socket } from "node:net";
import { CONTROL, ControlReader, controlFrame } from "./frame-streams.ts";

/** Where a receiver listens. */
export type FrameTarget = { readonly path: string } | { readonly host: string; readonly port: number };

export interface SenderEvents {
  /** The receiver takes frames from now on. */
  onConnected(): void;
  /** It takes none any more, or does not take any; called once until `onConnected`. */
  onLost(reason: string): void;
}

/** Bytes that wait for the receiver. */
const UNSENT_BYTES_MAX = 4 << 20;
/** Frames that are written at once. */
const CHUNK_BYTES = 64 << 10;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;
/** For the handshake, and for the receiver to take the rest at the end. */
const PATIENCE_MS = 2_000;

export class FrameSender {
  readonly #target: FrameTarget;
  readonly #events: SenderEvents;
  #socket: Socket | undefined;
  #isReady = false;
  #wasLost = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #used = 0;
  #flushing: NodeJS.Immediate | undefined;
  #onFinish: () => void = () => undefined;

  constructor(target: FrameTarget, events: SenderEvents) {
    this.#target = target;
    this.#events = events;
    this.#connect();
  }

  /** Sends a copy of a frame; false: it is lost. */
  send(frame: Buffer): boolean {
    const socket = this.#socket;
    if (!this.#isReady || socket === undefined) return false;
    if (socket.writableLength + this.#used + frame.length > UNSENT_BYTES_MAX) return false;
    if (frame.length > this.#chunk.length - this.#used) this.#flush();
    if (frame.length > CHUNK_BYTES) {
      socket.write(Buffer.from(frame));
      return true;
    }
    frame.copy(this.#chunk, this.#used);
    this.#used += frame.length;
    this.#flushing ??= setImmediate(() => this.#flush());
    return true;
  }

  /** Ends the stream in good order; resolves when the receiver has all, or after a while. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (!this.#isReady || socket === undefined) return void socket?.destroy();
    this.#flush();
    this.#isReady = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#onFinish = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.write(controlFrame(CONTROL.STOP));
    });
    socket.destroy();
  }

  #connect(): void {
    const socket = connect(this.#target);
    const reader = new ControlReader();
    let reason = "it closes the connection";
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("it does not answer the handshake")));
    socket.on("connect", () => socket.write(controlFrame(CONTROL.READY)));
    socket.on("data", (chunk: Buffer) => {
      const types = reader.feed(chunk);
      if (types === undefined) return void socket.destroy(new Error("it is no receiver of dnstap"));
      for (const type of types) this.#onControl(type, socket);
    });
    socket.on("error", (error) => (reason = error.message));
    socket.on("close", () => this.#onClose(reason));
  }

  #onControl(type: number, socket: Socket): void {
    if (type === CONTROL.FINISH) this.#onFinish();
    if (type !== CONTROL.ACCEPT || this.#isReady || this.#isClosed) return;
    socket.setTimeout(0);
    socket.write(controlFrame(CONTROL.START));
    this.#isReady = true;
    this.#wasLost = false;
    this.#retryMs = RETRY_MS_MIN;
    this.#events.onConnected();
  }

  #onClose(reason: string): void {
    this.#isReady = false;
    this.#socket = undefined;
    this.#used = 0;
    this.#onFinish();
    if (this.#isClosed) return;
    if (!this.#wasLost) this.#events.onLost(reason);
    this.#wasLost = true;
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#used === 0) return;
    this.#socket?.write(Buffer.from(this.#chunk.subarray(0, this.#used)));
    this.#used = 0;
  }
}
