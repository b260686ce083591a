// Readable log lines by pino-pretty: each event is one line, its fields behind the text.
// Runs in this thread: a pino transport would start another one.
import { Writable } from "node:stream";
import pretty from "pino-pretty";
import { visible } from "../std/visible.ts";
import type { LogOutput } from "./log-output.ts";

/** Fields that have places of their own in a line. */
const PLACED = new Set(["level", "time", "msg"]);
/** What needs no quotes. */
const BARE = /^[\w.,:/@[\]+*-]+$/;

/** A stream for pino that writes readable lines to `output`. */
export function prettyTo(output: LogOutput): NodeJS.WritableStream {
  const destination = new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      output.write(String(line));
      done();
    },
  });
  return pretty({
    destination,
    colorize: pretty.isColorSupported,
    translateTime: "SYS:HH:MM:ss",
    hideObject: true,
    messageFormat: (event) => formatEvent(event),
  });
}

/** The text of an event with its fields. Nested objects are left to the JSON lines. */
export function formatEvent(event: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(event).flatMap(([name, value]) => {
    const text = PLACED.has(name) ? undefined : formatValue(value);
    return text === undefined ? [] : [`${name}=${text}`];
  });
  return [visible(String(event["msg"] ?? "")), ...fields].join(" ");
}

function formatValue(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null && "stack" in value) return `\n${String(value.stack)}`;
  const text = Array.isArray(value) ? value.map(String).join() : value;
  if (typeof text === "object" || text === undefined || text === "") return undefined;
  const plain = visible(String(text));
  return BARE.test(plain) ? plain : JSON.stringify(plain);
}
