// A list of a resource, page by page, all of one version of the API server's state.
// Kubernetes API concepts: "Retrieving large results sets in chunks".
import type { ApiConnection } from "./api-connection.ts";
import { readBody } from "./api-connection.ts";
import { networkFault } from "./api-reply.ts";
import type { ApiFault } from "./api-reply.ts";
import { identify } from "./listed-objects.ts";
import type { ListedObject } from "./listed-objects.ts";
import { pathOf } from "./resources.ts";
import type { Selection } from "./resources.ts";

type Fault = { readonly fault: ApiFault };

interface Page {
  readonly items: readonly ListedObject[];
  readonly version: string;
  readonly next: string;
}

const PAGE_SIZE = 500;
const PAGE_BYTES_MAX = 64 << 20;
/** Lists that expire between two pages before all is asked for at once. */
const EXPIRED_MAX = 2;

/** Reads all pages of one list; starts again if it expires in between. Returns the version of the list. */
export async function readPages(
  connection: ApiConnection,
  selection: Selection,
  signal: AbortSignal,
  visit: (items: readonly ListedObject[], version: string, isFirst: boolean) => Promise<ApiFault | undefined>,
): Promise<{ readonly version: string } | Fault> {
  let expired = 0;
  let next = "";
  do {
    // The last try has no pages that could expire.
    const limit = expired < EXPIRED_MAX ? { limit: String(PAGE_SIZE) } : {};
    const page = await readPage(connection, selection, { ...limit, ...(next !== "" && { continue: next }) }, signal);
    if ("fault" in page) {
      if (page.fault.kind !== "gone" || next === "" || expired++ >= EXPIRED_MAX) return page;
      next = "";
      continue;
    }
    const fault = await visit(page.items, page.version, next === "");
    if (fault !== undefined) return { fault };
    if (page.next === "") return page;
    next = page.next;
  } while (!signal.aborted);
  return { fault: { kind: "network", message: "closed" } };
}

async function readPage(
  connection: ApiConnection,
  selection: Selection,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Page | Fault> {
  const reply = await connection.get(() => pathOf(selection, query), signal);
  if ("fault" in reply) return reply;
  try {
    return parsePage(await readBody(reply.body, PAGE_BYTES_MAX, connection.times.replyMs), selection);
  } catch (error) {
    return { fault: networkFault(error) };
  }
}

function parsePage(body: string, { resource }: Selection): Page {
  const { metadata, items } = JSON.parse(body) as {
    readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown };
    readonly items?: unknown;
  };
  const { resourceVersion, continue: next = "" } = metadata ?? {};
  if (typeof resourceVersion !== "string" || typeof next !== "string")
    throw new Error("the API server sent a list without a version");
  const listed = Array.isArray(items) ? items.map((item: unknown) => identify(item, resource)) : [];
  return { items: listed.filter((item) => item !== undefined), version: resourceVersion, next };
}
