// A worker thread that reads and parses large manifests, so that the main thread never waits for one. Objects go back
// in pieces, each on request, as taking in a large message would hold up the main thread as well. Keeps nothing.
import type { MessagePort } from "node:worker_threads";
import { parentPort } from "node:worker_threads";
import type { KubeObject } from "../objects/kube-object.ts";
import type { FileContent, ReadRequest } from "./read-manifest.ts";
import { readManifest } from "./read-manifest.ts";

const PIECE_OBJECTS = 250;

/** What the worker is asked: to parse, or for the next piece of what it has parsed. */
export type ParseJob = { readonly id: number; readonly request: ReadRequest } | { readonly id: number };

/** What it answers: some objects, then all the rest. */
export type ParseAnswer =
  | { readonly id: number; readonly objects: readonly KubeObject[] }
  | { readonly id: number; readonly content: FileContent };

if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  const parsed = new Map<number, { readonly content: FileContent; sent: number }>();
  port.on("message", async (job: ParseJob) => {
    if ("request" in job) parsed.set(job.id, { content: await readManifest(job.request), sent: 0 });
    const state = parsed.get(job.id);
    if (state === undefined) return;
    const sent = state.sent;
    state.sent += PIECE_OBJECTS;
    const answer = makeAnswer(job.id, state.content, sent);
    if ("content" in answer) parsed.delete(job.id);
    port.postMessage(answer);
  });
}

function makeAnswer(id: number, content: FileContent, sent: number): ParseAnswer {
  if (content.kind === "refused") return { id, content };
  const { parsed } = content;
  if (sent < parsed.objects.length) return { id, objects: parsed.objects.slice(sent, sent + PIECE_OBJECTS) };
  return { id, content: { ...content, parsed: { ...parsed, objects: [] } } };
}
