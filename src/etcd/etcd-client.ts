// A client of etcd (3.4 or newer) by its JSON gateway, which needs no protocol files: keys, transactions and leases.
// Faults are values; nothing here rejects. https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
import { HttpJson } from "./http-json.ts";
import type { EtcdAccess, JsonObject } from "./http-json.ts";

/** The result of a request, or why there is none: one line for the operator. */
export type Result<T> = { readonly value: T } | { readonly fault: string };

/** A key with its value. Revisions and leases are decimal numbers of 64 bits; lease `0`: none. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly createRevision: string;
  readonly modRevision: string;
  readonly lease: string;
}

/** A condition of a transaction; revision `0`: there is no such key. */
export type Condition =
  | { readonly key: string; readonly createRevision: string }
  | { readonly key: string; readonly modRevision: string };

/** What a transaction does with a key. */
export type Operation =
  | { readonly put: string; readonly value: string; readonly lease: string }
  | { readonly delete: string };

/** Keys in one response. */
const PAGE_KEYS = 1_000;

export class EtcdClient {
  readonly #http: HttpJson;

  constructor(access: EtcdAccess) {
    this.#http = new HttpJson(access);
  }

  /** The key; with `isPrefix`, all keys that begin with it, as they are at one revision. */
  async range(key: string, isPrefix = false): Promise<Result<readonly KeyValue[]>> {
    const found: KeyValue[] = [];
    let revision = "0";
    for (let from = key; ;) {
      const body = {
        key: encode(from),
        ...(isPrefix && { range_end: encode(rangeEnd(key)), limit: PAGE_KEYS, revision }),
      };
      const read = await this.#http.post("kv/range", body);
      if ("fault" in read) return read;
      const page = objectsOf(read.value["kvs"]).map(readKeyValue);
      for (const each of page) found.push(each);
      if (read.value["more"] !== true || page.length === 0) return { value: found };
      revision = revisionOf(read.value);
      from = `${page.at(-1)!.key}\0`;
    }
  }

  /** Does all operations if all conditions hold; resolves with the revision, or undefined if one does not hold. */
  async transact(
    conditions: readonly Condition[],
    operations: readonly Operation[],
  ): Promise<Result<string | undefined>> {
    const done = await this.#http.post("kv/txn", {
      compare: conditions.map(compareOf),
      success: operations.map(operationOf),
    });
    if ("fault" in done) return done;
    return { value: done.value["succeeded"] === true ? revisionOf(done.value) : undefined };
  }

  /** A new lease. */
  async grant(ttlSeconds: number): Promise<Result<string>> {
    const granted = await this.#http.post("lease/grant", { TTL: ttlSeconds });
    return "fault" in granted ? granted : { value: String(granted.value["ID"]) };
  }

  /** Renews a lease; resolves with how long it lasts from now, seconds; 0: there is no such lease any more. */
  async keepAlive(lease: string): Promise<Result<number>> {
    const kept = await this.#http.post("lease/keepalive", { ID: lease });
    if ("fault" in kept) return kept;
    const { result } = kept.value as { readonly result?: JsonObject };
    return { value: Number(result?.["TTL"] ?? 0) };
  }

  /** Ends a lease, and removes its keys. */
  async revoke(lease: string): Promise<Result<unknown>> {
    return this.#http.post("lease/revoke", { ID: lease });
  }

  close(): void {
    this.#http.close();
  }
}

function compareOf(condition: Condition): JsonObject {
  const key = encode(condition.key);
  return "createRevision" in condition
    ? { key, target: "CREATE", result: "EQUAL", create_revision: condition.createRevision }
    : { key, target: "MOD", result: "EQUAL", mod_revision: condition.modRevision };
}

function operationOf(operation: Operation): JsonObject {
  if ("delete" in operation) return { request_delete_range: { key: encode(operation.delete) } };
  const { put, value, lease } = operation;
  return { request_put: { key: encode(put), value: encode(value), lease } };
}

/** The gateway leaves out fields that are zero. */
function readKeyValue(kv: JsonObject): KeyValue {
  return {
    key: decode(kv["key"]),
    value: decode(kv["value"]),
    createRevision: String(kv["create_revision"] ?? "0"),
    modRevision: String(kv["mod_revision"] ?? "0"),
    lease: String(kv["lease"] ?? "0"),
  };
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}

function revisionOf(reply: JsonObject): string {
  const { revision } = (reply["header"] ?? {}) as { readonly revision?: unknown };
  return String(revision ?? "0");
}

/** The first key after all that begin with `prefix`, which ends in ASCII. */
function rangeEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text: unknown): string {
  return typeof text === "string" ? Buffer.from(text, "base64").toString() : "";
}
