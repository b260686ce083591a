// The worker thread that reads and parses large files. It posts the items of a file in pieces, each on request, since
// receiving one large message would block the main thread. Keeps nothing.
import { parentPort, workerData } from "node:worker_threads";
import { collectGarbage } from "../../process/collect-garbage.ts";
import { costOfContent } from "../content-cost.ts";
import type { ParsedItem } from "./parsed-items.ts";
import { itemsOf, PIECE_ITEMS, withItems } from "./parsed-items.ts";
import type { ReadOutcome, ReadRequest } from "./read-manifest.ts";
import { readManifest } from "./read-manifest.ts";

/** What the thread is started with. */
export interface ParseWorkerData {
  /** Garbage is collected before the thread tells what it takes. */
  readonly isShort: boolean;
}

/** A file to parse, or the request for the next piece of its result. */
export type ParseJob = { readonly request: ReadRequest } | "next";

/**
 * Once when the thread runs; then, for each file, the size of each file that it includes, the memory that its content
 * takes and that of this thread, some of the items at a time, and finally everything else.
 */
export type ParseAnswer =
  | "started"
  | { readonly includedBytes: number }
  | { readonly costBytes: number; readonly heapBytes: number }
  | { readonly items: readonly ParsedItem[] }
  | { readonly content: ReadOutcome };

/** What the parser uses of its port. */
type ParserPort = {
  on(event: "message", take: (job: ParseJob) => void): void;
  postMessage(answer: ParseAnswer): void;
};

if (parentPort !== null) serveParser(parentPort, workerData as ParseWorkerData);

/** Answers the jobs that come through `port`. */
export function serveParser(port: ParserPort, { isShort }: ParseWorkerData): void {
  let content: ReadOutcome | undefined;
  let sent = 0;
  const onIncluded = (includedBytes: number): void => port.postMessage({ includedBytes } satisfies ParseAnswer);
  const answer = async (job: ParseJob): Promise<void> => {
    if (job !== "next") {
      [content, sent] = [await readManifest(job.request, onIncluded), 0];
      if (content.kind === "parsed") {
        if (isShort) collectGarbage();
        const { heapTotal } = process.memoryUsage();
        const answer: ParseAnswer = { costBytes: costOfContent(content.parsed), heapBytes: heapTotal };
        return port.postMessage(answer);
      }
    }
    if (content === undefined) return;
    const message = makeAnswer(content, sent);
    if ("items" in message) sent += message.items.length;
    else content = undefined;
    port.postMessage(message);
  };
  port.on("message", (job) => void answer(job));
  port.postMessage("started");
}

function makeAnswer(
  content: ReadOutcome,
  sent: number,
): Extract<ParseAnswer, { items: unknown } | { content: unknown }> {
  if (content.kind === "refused") return { content };
  const items = itemsOf(content.parsed);
  if (sent < items.length) return { items: items.slice(sent, sent + PIECE_ITEMS) };
  return { content: { ...content, parsed: withItems(content.parsed, []) } };
}
