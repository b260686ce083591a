// LIST: which objects one page has, and of which version. Kubernetes API concepts, "Retrieving large results sets in
// chunks" and "Resource versions in the API".
import { badRequest, expiredPage, invalidOptions, tooLarge } from "./api-failure.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import type { Target } from "./resources.ts";
import { compileSelector } from "./selectors.ts";

/** One page of a list. */
export interface ListPage {
  readonly items: readonly StoredObject[];
  readonly metadata: ListMetadata;
}

export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Where a list goes on. */
interface Token {
  /** `newest`: the snapshot is gone, and the client wants the rest of what there is now. */
  readonly version: bigint | "newest";
  /** The key of the last item that the client has. */
  readonly after: string;
}

/** The page that `query` asks for, at most `pageSizeMax` items. */
export function listPage(store: ObjectStore, target: Target, query: URLSearchParams, pageSizeMax: number): ListPage {
  const token = parseToken(query.get("continue"));
  checkOptions(query);
  const version = token === undefined ? versionOf(query, store.version) : token.version;
  const isNewest = version === "newest";
  if (!isNewest && token !== undefined && version < store.oldestVersion) {
    throw expiredPage(formatToken({ version: "newest", after: token.after }));
  }
  const actual = isNewest ? store.version : version;
  const matches = compileSelector(target, query);
  const items = store
    .at(target.resource, actual)
    .filter(({ key, value }) => (token === undefined || key > token.after) && matches(value));
  // From its cache, which is what version 0 asks for, the server gives all at once.
  const limit = query.get("resourceVersion") === "0" ? 0 : Number(query.get("limit") ?? 0);
  const size = Math.min(limit === 0 ? Infinity : limit, pageSizeMax);
  const page = items.slice(0, size);
  const remaining = items.length - page.length;
  const isSelected = query.has("labelSelector") || query.has("fieldSelector");
  return {
    items: page,
    metadata: {
      resourceVersion: String(actual),
      ...(remaining > 0 && { continue: formatToken({ version, after: page.at(-1)!.key }) }),
      ...(remaining > 0 && !isSelected && { remainingItemCount: remaining }),
    },
  };
}

/** Options as numbers; throws 400 for what is none. */
export function parseVersion(text: string): bigint {
  if (!/^\d+$/.test(text)) throw badRequest(`resourceVersion: Invalid value: "${text}": strconv.ParseUint`);
  return BigInt(text);
}

function checkOptions(query: URLSearchParams): void {
  const match = query.get("resourceVersionMatch");
  const version = query.get("resourceVersion") ?? "";
  const forbid = (option: string, why: string): never => {
    throw invalidOptions(`${option}: Forbidden: ${option} is forbidden ${why}`);
  };
  if (!/^\d*$/.test(query.get("limit") ?? "")) throw badRequest(`limit is not a number: ${query.get("limit")}`);
  if (query.has("sendInitialEvents")) forbid("sendInitialEvents", "for list");
  if (query.has("continue") && version !== "" && version !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  if (match === null) return;
  if (query.has("continue")) forbid("resourceVersionMatch", "when continue is provided");
  if (version === "") forbid("resourceVersionMatch", "unless resourceVersion is provided");
  if (match !== "Exact" && match !== "NotOlderThan") throw invalidOptions(`resourceVersionMatch: "${match}"`);
  if (match === "Exact" && version === "0") {
    forbid('resourceVersionMatch "Exact"', 'for resourceVersion "0"');
  }
}

/** The version of the snapshot for a first page. */
function versionOf(query: URLSearchParams, current: bigint): bigint {
  const asked = parseVersion(query.get("resourceVersion") || "0");
  if (asked > current) throw tooLarge(asked, current);
  const match = query.get("resourceVersionMatch");
  const isPaged = Number(query.get("limit") ?? 0) > 0;
  // Without a match, a version and a limit mean just that version.
  const isExact = match === "Exact" || (match === null && isPaged && asked !== 0n);
  return isExact ? asked : current;
}

function formatToken({ version, after }: Token): string {
  return Buffer.from(JSON.stringify({ version: String(version), after })).toString("base64url");
}

function parseToken(text: string | null): Token | undefined {
  if (text === null || text === "") return undefined;
  try {
    const token = JSON.parse(Buffer.from(text, "base64url").toString()) as { version: string; after: string };
    return { version: token.version === "newest" ? "newest" : BigInt(token.version), after: token.after };
  } catch {
    throw badRequest("continue key is not valid");
  }
}
