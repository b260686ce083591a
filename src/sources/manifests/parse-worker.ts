// A worker thread that reads and parses large files, so that the main thread never waits for one. What they hold goes
// back in pieces, each on request, as taking in a large message would hold up the main thread as well. Keeps nothing.
import type { MessagePort } from "node:worker_threads";
import { parentPort } from "node:worker_threads";
import type { ParsedItem } from "./parsed-items.ts";
import { itemsOf, PIECE_ITEMS, withItems } from "./parsed-items.ts";
import type { FileContent, ReadRequest } from "./read-manifest.ts";
import { readManifest } from "./read-manifest.ts";

/** What the worker is asked: to parse, or for the next piece of what it has parsed. */
export type ParseJob = { readonly id: number; readonly request: ReadRequest } | { readonly id: number };

/** What it answers: some items, then all the rest. */
export type ParseAnswer =
  | { readonly id: number; readonly items: readonly ParsedItem[] }
  | { readonly id: number; readonly content: FileContent };

if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  const parsed = new Map<number, { readonly content: FileContent; sent: number }>();
  const answer = async (job: ParseJob): Promise<void> => {
    if ("request" in job) parsed.set(job.id, { content: await readManifest(job.request), sent: 0 });
    const state = parsed.get(job.id);
    if (state === undefined) return;
    const message = makeAnswer(job.id, state.content, state.sent);
    if ("items" in message) state.sent += message.items.length;
    else parsed.delete(job.id);
    port.postMessage(message);
  };
  port.on("message", (job: ParseJob) => void answer(job));
}

function makeAnswer(id: number, content: FileContent, sent: number): ParseAnswer {
  if (content.kind === "refused") return { id, content };
  const items = itemsOf(content.parsed);
  if (sent < items.length) return { id, items: items.slice(sent, sent + PIECE_ITEMS) };
  return { id, content: { ...content, parsed: withItems(content.parsed, []) } };
}
