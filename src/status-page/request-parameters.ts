// The parameters of requests: parses them from the query of a URL, or says what is wrong with them.
// Unknown parameters are ignored.
import type { ExplainQuestion } from "../explain/explanation.ts";
import { PAGE_SIZE_MAX } from "../overview/service-list.ts";
import type { ServiceSearch } from "../overview/service-list.ts";

type Parameters = Readonly<Record<string, string>>;

/** `query`, `namespace`, `unready`, `page` and `size`; an empty one counts as absent. */
export function parseSearch(parameters: Parameters): ServiceSearch | { readonly fault: string } {
  const { query, namespace, unready } = parameters;
  const page = parseNumber(parameters, "page", Number.MAX_SAFE_INTEGER);
  const size = parseNumber(parameters, "size", PAGE_SIZE_MAX);
  for (const each of [page, size]) if (typeof each === "object") return each;
  if (unready !== undefined && !["", "0", "1"].includes(unready)) return { fault: "unready is not 0 or 1" };
  return {
    ...(query && { query }),
    ...(namespace && { namespace }),
    ...(unready === "1" && { isUnready: true }),
    ...(typeof page === "number" && { page }),
    ...(typeof size === "number" && { pageSize: size }),
  };
}

/** Of the text of a name: as long as a name in wire form. */
const NAME_BYTES_MAX = 255;

/** `name`, `type` and `from`; an empty one counts as absent. */
export function parseExplainQuestion(parameters: Parameters): ExplainQuestion | { readonly fault: string } {
  const { name, type, from } = parameters;
  if (!name) return { fault: "name is missing" };
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return { fault: `name has more than ${NAME_BYTES_MAX} bytes` };
  return { name, ...(type && { type }), ...(from && { from }) };
}

/** `namespace/pod`, or a namespace: then the name is empty. */
export function parsePodName(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", ...rest] = text.trim().split("/");
  return { namespace, name: rest.join("/") };
}

function parseNumber(parameters: Parameters, name: string, max: number): number | undefined | { fault: string } {
  const text = parameters[name];
  if (text === undefined || text === "") return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : { fault: `${name} is not a whole number from 1 to ${max}` };
}
