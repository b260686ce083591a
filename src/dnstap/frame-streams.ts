// The Frame Streams protocol, the sender's side of a connection in both directions: frames with their length in front,
// and control frames behind an empty frame. Knows what dnstap calls its content, and nothing else of it.
// https://farsightsec.github.io/fstrm/ (control frames: READY, ACCEPT, START, STOP, FINISH).

/** Types of control frames. */
export const CONTROL = { ACCEPT: 1, START: 2, STOP: 3, READY: 4, FINISH: 5 } as const;
type ControlType = (typeof CONTROL)[keyof typeof CONTROL];

const CONTENT_TYPE = Buffer.from("protobuf:dnstap.Dnstap");
/** The only field of control frames. */
const FIELD_CONTENT_TYPE = 1;
const CONTROL_SIZE_MAX = 512;
const ESCAPE_SIZE = 4;
const LENGTH_SIZE = 4;

/** A control frame with its escape; READY and START name the content. */
export function controlFrame(type: ControlType): Buffer {
  const hasContent = type === CONTROL.READY || type === CONTROL.START;
  const size = 4 + (hasContent ? 8 + CONTENT_TYPE.length : 0);
  const frame = Buffer.alloc(ESCAPE_SIZE + LENGTH_SIZE + size);
  frame.writeUInt32BE(size, ESCAPE_SIZE);
  frame.writeUInt32BE(type, ESCAPE_SIZE + LENGTH_SIZE);
  if (hasContent) {
    frame.writeUInt32BE(FIELD_CONTENT_TYPE, 12);
    frame.writeUInt32BE(CONTENT_TYPE.length, 16);
    CONTENT_TYPE.copy(frame, 20);
  }
  return frame;
}

/** Reads the control frames that a receiver sends. */
export class ControlReader {
  #bytes = Buffer.alloc(0);

  /** The types of the frames that are complete; undefined: this is no receiver of dnstap. */
  feed(chunk: Buffer): readonly number[] | undefined {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const types: number[] = [];
    for (;;) {
      const bytes = this.#bytes;
      if (bytes.length < ESCAPE_SIZE + LENGTH_SIZE) return types;
      const size = bytes.readUInt32BE(ESCAPE_SIZE);
      if (bytes.readUInt32BE(0) !== 0 || size < 4 || size > CONTROL_SIZE_MAX) return undefined;
      const end = ESCAPE_SIZE + LENGTH_SIZE + size;
      if (bytes.length < end) return types;
      const type = readControl(bytes.subarray(ESCAPE_SIZE + LENGTH_SIZE, end));
      if (type === undefined) return undefined;
      types.push(type);
      this.#bytes = bytes.subarray(end);
    }
  }
}

/** The type of a control frame; undefined: it is malformed, or accepts other content alone. */
function readControl(frame: Buffer): number | undefined {
  const contents: Buffer[] = [];
  for (let at = 4; at < frame.length;) {
    if (at + 8 > frame.length || frame.readUInt32BE(at) !== FIELD_CONTENT_TYPE) return undefined;
    const end = at + 8 + frame.readUInt32BE(at + 4);
    if (end > frame.length) return undefined;
    contents.push(frame.subarray(at + 8, end));
    at = end;
  }
  const isOther = contents.length > 0 && !contents.some((content) => content.equals(CONTENT_TYPE));
  return isOther ? undefined : frame.readUInt32BE(0);
}
