// What the scripted API server does wrong: faults for the next requests that match. The first fault that matches is taken,
// in the order in which a test gave them.
import type { ApiFailure } from "./api-failure.ts";
import type { ApiRequest, Verb } from "./api-request.ts";

/** Which requests a fault is for; what is not given matches all. */
export interface RequestMatch {
  readonly verb?: Verb;
  /** The plural: `services`. */
  readonly resource?: string;
  readonly namespace?: string;
  /** For what the rest cannot say, such as a query. */
  readonly where?: (request: ApiRequest) => boolean;
}

/**
 * How a connection breaks. `end`: as if the response were complete. `close`: with a FIN in the middle of the response.
 * `reset`: with a RST. `half-open`: not at all, but no byte follows.
 */
export type Break = "end" | BreakOfConnection;
export type BreakOfConnection = "close" | "reset" | "half-open";

/** What a request gets instead of its answer, or what is done to its answer. */
export interface Fault {
  /** Waits for this first. */
  readonly hold?: Promise<unknown>;
  /** Breaks before any byte of a response. */
  readonly refuse?: BreakOfConnection;
  /** `forbidden`: 403 that names the user, the verb and the resource, as RBAC does. */
  readonly failure?: ApiFailure | "forbidden";
  /** Any response at all, such as malformed JSON. */
  readonly answer?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** Breaks within the body. */
  readonly cut?: { readonly afterBytes: number; readonly by: Break };
  /** The body in pieces of so many bytes. */
  readonly trickle?: { readonly bytes: number; readonly everyMs: number };
}

interface Plan {
  readonly match: RequestMatch;
  readonly fault: Fault;
  times: number;
}

export class Script {
  #plans: Plan[] = [];
  #connections: BreakOfConnection[] = [];

  /** The next connections break when they are accepted, before TLS begins. */
  nextConnections(...breaks: readonly BreakOfConnection[]): void {
    this.#connections.push(...breaks);
  }

  /** The next `times` requests that match get `fault`; Infinity: until `clear()`. */
  next(match: RequestMatch, fault: Fault, times = 1): void {
    this.#plans.push({ match, fault, times });
  }

  /** Forgets all faults that are still to come. */
  clear(): void {
    this.#plans = [];
    this.#connections = [];
  }

  /** How many faults are still to come. */
  get pending(): number {
    return this.#plans.reduce((sum, { times }) => sum + times, this.#connections.length);
  }

  /** How the connection breaks that is accepted now; undefined: it does not. */
  takeConnection(): BreakOfConnection | undefined {
    return this.#connections.shift();
  }

  /** The fault for a request, which uses it up. */
  take(request: ApiRequest): Fault {
    const plan = this.#plans.find(({ match }) => fits(match, request));
    if (plan === undefined) return {};
    plan.times--;
    this.#plans = this.#plans.filter(({ times }) => times > 0);
    return plan.fault;
  }
}

function fits({ verb, resource, namespace, where }: RequestMatch, request: ApiRequest): boolean {
  const { target } = request;
  if (verb !== undefined && verb !== request.verb) return false;
  if (resource !== undefined && resource !== target?.resource.plural) return false;
  if (namespace !== undefined && namespace !== target?.namespace) return false;
  return where === undefined || where(request);
}
