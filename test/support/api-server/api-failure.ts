// Failures as the API server reports them: an HTTP code and a Status object. Kubernetes API concepts, "API verbs" and
// "Unavailable resource versions"; the reasons are those of metav1.StatusReason.

/** What a Status has beside its code, reason and message. */
interface StatusExtras {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Thrown where a request fails; also what a script answers with. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly #extras: StatusExtras;

  constructor(code: number, reason: string, message: string, extras: StatusExtras = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.#extras = extras;
  }

  /** The Status object. */
  get status(): object {
    const { metadata = {}, details } = this.#extras;
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata,
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(details !== undefined && { details }),
      code: this.code,
    };
  }

  /** The value of the header Retry-After, where the Status asks for it. */
  get retryAfter(): string | undefined {
    const seconds = this.#extras.details?.["retryAfterSeconds"];
    return typeof seconds === "number" ? String(seconds) : undefined;
  }
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, "BadRequest", message);
}

/** Options of a list or watch that do not go together. */
export function invalidOptions(message: string): ApiFailure {
  const details = { group: "meta.k8s.io", kind: "ListOptions", causes: [{ message }] };
  return new ApiFailure(422, "Invalid", `ListOptions.meta.k8s.io "" is invalid: ${message}`, { details });
}

export function unauthorized(): ApiFailure {
  return new ApiFailure(401, "Unauthorized", "Unauthorized");
}

export function notFound(plural: string, name: string): ApiFailure {
  return new ApiFailure(404, "NotFound", `${plural} "${name}" not found`, { details: { name, kind: plural } });
}

/** A resource version that the history no longer has. */
export function expired(message = "too old resource version"): ApiFailure {
  return new ApiFailure(410, "Expired", message);
}

/** A page of a list whose snapshot is gone; `inconsistent` is the token that goes on with the newest state. */
export function expiredPage(inconsistent: string): ApiFailure {
  return new ApiFailure(410, "Expired", "The provided continue parameter is too old", {
    metadata: { continue: inconsistent },
  });
}

/** A resource version that the server has not reached. */
export function tooLarge(asked: bigint, current: bigint): ApiFailure {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return new ApiFailure(504, "Timeout", message, { details: { causes, retryAfterSeconds: 1 } });
}

export function tooManyRequests(retryAfterSeconds: number): ApiFailure {
  return new ApiFailure(429, "TooManyRequests", "Too many requests, please try again later.", {
    details: { retryAfterSeconds },
  });
}

/** A 5xx; with `retryAfterSeconds` also the header. */
export function serverError(code = 500, retryAfterSeconds?: number, message = "told to fail"): ApiFailure {
  const reason = code === 503 ? "ServiceUnavailable" : code === 504 ? "Timeout" : "InternalError";
  const extras = retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } };
  return new ApiFailure(code, reason, message, extras);
}
