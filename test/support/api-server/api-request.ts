// A request as the scripted API server records it. Kubernetes API concepts, "API verbs": the verb comes from the method,
// the path and the query.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { parsePath, type Target } from "./resources.ts";

const BASE = "http://localhost";

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** What a client asked for, and what it got. */
export interface ApiRequest {
  readonly method: string;
  readonly verb: Verb;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined: the path names no resource. */
  readonly target: Target | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The header of this name. */
  readonly authorization: string | undefined;
  /** Milliseconds of `performance.now()`. */
  readonly atMs: number;
  /** Who asks, once that is known. */
  user: string | undefined;
  /** The HTTP status, once it is sent. */
  status: number | undefined;
}

/** The request of `message`, which has no answer yet. */
export function recordRequest({ method = "GET", url = "/", headers }: IncomingMessage): ApiRequest {
  const { pathname: path, searchParams: query } = URL.parse(url, BASE) ?? new URL(BASE);
  const target = parsePath(path);
  // What is no collection is one thing.
  const isOne = target === undefined || target.name !== undefined;
  const verb = verbOf(method, isOne, /^(true|1)$/.test(query.get("watch") ?? ""));
  const { authorization } = headers;
  const unanswered = { user: undefined, status: undefined };
  return { method, verb, path, query, target, headers, authorization, atMs: performance.now(), ...unanswered };
}

function verbOf(method: string, isOne: boolean, isWatch: boolean): Verb {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return isOne ? "delete" : "deletecollection";
    default:
      return isWatch ? "watch" : isOne ? "get" : "list";
  }
}
