// The options of the admin server: where it listens, and by which names it may be asked.
// Rows of the option table.
import type { OptionRow } from "./option-row.ts";
import { parseAdminAddress, parseHostName } from "./option-values.ts";

export const ADMIN_OPTIONS = {
  /** `[ADDR:]PORT` of the admin server, which has health, readiness and metrics; port 0 takes a free one. */
  admin: {
    form: "list",
    placeholder: "[ADDR:]PORT",
    help:
      "Address of the admin server (HTTP): /health, /ready and what else docs/admin.md names. A port alone is on " +
      "127.0.0.1; port 0 takes a free one. Whoever reaches it can read everything there. Without it, none",
    example: "9153",
    parse: parseAdminAddress,
  },
  /** Host names by which the admin server may be asked, beside `localhost` and addresses. */
  adminHost: {
    field: "adminHosts",
    form: "list",
    placeholder: "NAME,…",
    help:
      "Host names by which the admin server may be asked, beside localhost and IP addresses; requests by other names " +
      "are refused, so that no web site reads it by a name of its own (DNS rebinding)",
    example: "dns.example.com",
    parse: parseHostName,
  },
  /** `[ADDR:]PORT` that has `/health` alone, as CoreDNS's plugin `health` has. */
  health: {
    form: "list",
    placeholder: "[ADDR:]PORT",
    help: "Address that has only /health of the admin server, as CoreDNS has on port 8080",
    example: "0.0.0.0:8080",
    parse: parseAdminAddress,
  },
  /** `[ADDR:]PORT` that has `/ready` alone, as CoreDNS's plugin `ready` has. */
  ready: {
    form: "list",
    placeholder: "[ADDR:]PORT",
    help: "Address that has only /ready of the admin server, as CoreDNS has on port 8181",
    example: "0.0.0.0:8181",
    parse: parseAdminAddress,
  },
} as const satisfies Readonly<Record<string, OptionRow>>;
