// The worker thread that reads and parses large files. It posts the items of a file in pieces, each on request, since
// receiving one large message would block the main thread. Keeps nothing.
import type { MessagePort } from "node:worker_threads";
import { parentPort } from "node:worker_threads";
import type { ParsedItem } from "./parsed-items.ts";
import { itemsOf, PIECE_ITEMS, withItems } from "./parsed-items.ts";
import type { ReadOutcome, ReadRequest } from "./read-manifest.ts";
import { readManifest } from "./read-manifest.ts";

/** A request: to parse a file, or for the next piece of the file of that `id`. */
export type ParseJob = { readonly id: number; readonly request: ReadRequest } | { readonly id: number };

/** A reply: some of the items, and finally everything else. */
export type ParseAnswer =
  | { readonly id: number; readonly items: readonly ParsedItem[] }
  | { readonly id: number; readonly content: ReadOutcome };

if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  const parsed = new Map<number, { readonly content: ReadOutcome; sent: number }>();
  port.on("message", async (job: ParseJob) => {
    if ("request" in job) parsed.set(job.id, { content: await readManifest(job.request), sent: 0 });
    const state = parsed.get(job.id);
    if (state === undefined) return;
    const answer = makeAnswer(job.id, state.content, state.sent);
    if ("items" in answer) state.sent += answer.items.length;
    else parsed.delete(job.id);
    port.postMessage(answer);
  });
}

function makeAnswer(id: number, content: ReadOutcome, sent: number): ParseAnswer {
  if (content.kind === "refused") return { id, content };
  const items = itemsOf(content.parsed);
  if (sent < items.length) return { id, items: items.slice(sent, sent + PIECE_ITEMS) };
  return { id, content: { ...content, parsed: withItems(content.parsed, []) } };
}
