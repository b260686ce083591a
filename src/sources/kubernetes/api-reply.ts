// What an API server answered, as a value: what it sent, or why it did not and when to ask again. Pure.
// Kubernetes API concepts: "Response status codes"; RFC 9110 10.2.3 (Retry-After).

/**
 * `gone`: the version is too old, list again. `unsupported`: the server does not know this way of asking. The others
 * are tried again; `unauthorized` with fresh credentials.
 */
export type ApiFaultKind = "gone" | "unsupported" | "unauthorized" | "forbidden" | "throttled" | "failed" | "network";

export interface ApiFault {
  readonly kind: ApiFaultKind;
  /** One line for the operator. */
  readonly message: string;
  /** When the server wants to be asked again, milliseconds from now. */
  readonly retryAfterMs?: number;
}

const KINDS: Readonly<Record<number, ApiFaultKind>> = {
  400: "unsupported",
  401: "unauthorized",
  403: "forbidden",
  410: "gone",
  422: "unsupported",
  429: "throttled",
};
const MESSAGE_MAX = 300;

/** The fault of a reply that is no success. `body`: a `Status` in JSON, or anything. */
export function faultOfReply(status: number, retryAfter: string | undefined, body: string): ApiFault {
  const seconds = /^\d{1,5}$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
  return {
    kind: KINDS[status] ?? "failed",
    message: messageOf(parse(body)) ?? `the API server answered with HTTP status ${status}`,
    ...(seconds !== undefined && { retryAfterMs: seconds * 1000 }),
  };
}

/** The fault that the object of an ERROR event tells of. */
export function faultOfStatus(object: unknown): ApiFault {
  const { code, details } = (object ?? {}) as {
    readonly code?: unknown;
    readonly details?: { readonly retryAfterSeconds?: unknown };
  };
  const seconds = details?.retryAfterSeconds;
  return {
    kind: (typeof code === "number" ? KINDS[code] : undefined) ?? "failed",
    message: messageOf(object) ?? "the API server ended the watch with an error",
    ...(typeof seconds === "number" && { retryAfterMs: seconds * 1000 }),
  };
}

/** The fault of a connection. */
export function networkFault(error: unknown): ApiFault {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === "string" ? message : String(error);
  return { kind: "network", message: typeof code === "string" && !text.includes(code) ? `${text} (${code})` : text };
}

function messageOf(status: unknown): string | undefined {
  const message = (status as { readonly message?: unknown } | undefined)?.message;
  if (typeof message !== "string" || message === "") return undefined;
  return message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX)}…` : message;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
