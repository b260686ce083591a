// The error for an address that can't be listened on: one line for the operator with what is wrong and what to do.
// Knows the error codes of bind(2) and listen(2); opens nothing.
import { formatListenAddress, type ListenAddress } from "../net/listen-address.ts";
import { OperatorError } from "../std/operator-error.ts";

/** An address that could not be bound. `code` is the system's (`EADDRINUSE`, …); `message` ends with the advice. */
export class ListenError extends OperatorError {
  override name = "ListenError";
  readonly code: string;
  readonly address: ListenAddress;
  readonly protocol: "TCP" | "UDP";
  readonly advice: string;

  /** `cause` is the error of the system call. */
  constructor(address: ListenAddress, protocol: "TCP" | "UDP", cause: unknown) {
    const code = errorCode(cause);
    const { fault, advice } = explain(code, address, cause);
    super(`cannot listen on ${formatListenAddress(address)} (${protocol}): ${fault}; ${advice}`, { cause });
    this.code = code;
    this.address = address;
    this.protocol = protocol;
    this.advice = advice;
  }
}

function errorCode(cause: unknown): string {
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return "UNKNOWN";
}

function explain(code: string, { host, port }: ListenAddress, cause: unknown): { fault: string; advice: string } {
  switch (code) {
    case "EADDRINUSE":
      return {
        fault: "the port is in use",
        advice: `stop what listens there (ss -lntup "sport = ${port}" shows it), or choose another address or port`,
      };
    case "EACCES":
    case "EPERM":
      return {
        fault: "permission denied",
        advice: "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE; or choose a higher port",
      };
    case "EADDRNOTAVAIL":
      return { fault: `${host} is not an address of this machine`, advice: "choose one that `ip address` lists" };
    case "EAFNOSUPPORT":
      return {
        fault: `this system does not support ${host.includes(":") ? "IPv6" : "IPv4"}`,
        advice: "choose an address of the other family",
      };
    default:
      return {
        fault: cause instanceof Error ? cause.message : String(cause),
        advice: "choose another address or port",
      };
  }
}
