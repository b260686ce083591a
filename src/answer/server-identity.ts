// Questions of class CH about the server: id.server and hostname.bind give the same name as NSID (RFC 4892); questions
// for its version are refused. Pure.
import { CLASS_CH, HEADER_SIZE, TYPE } from "../dns/constants.ts";
import type { Reply } from "./reply.ts";

const ID_NAMES = ["id.server", "hostname.bind"].map(wireName);
const SECRET_NAMES = ["version.bind", "version.server", "authors.bind"].map(wireName);

/** What the query's question of class CH asks of the server: its id, something secret, or nothing (undefined). */
export function identityAsked(query: Uint8Array, questionEnd: number): "id" | "secret" | undefined {
  const asked = foldName(query.subarray(HEADER_SIZE, questionEnd - 4));
  if (ID_NAMES.includes(asked)) return "id";
  return SECRET_NAMES.includes(asked) ? "secret" : undefined;
}

/** Writes a TXT record with `id`, at most 255 bytes, where `type` asks for it. */
export function writeIdentity(reply: Reply, type: number, id: Uint8Array): void {
  if (type !== TYPE.TXT && type !== TYPE.ANY) return;
  const rdata = Uint8Array.of(id.length, ...id);
  if (!reply.writeHead(HEADER_SIZE, TYPE.TXT, 0, rdata.length, CLASS_CH)) return;
  reply.copy(rdata, 0, rdata.length);
  reply.answers++;
}

function wireName(text: string): string {
  return `${text
    .split(".")
    .map((label) => String.fromCharCode(label.length) + label)
    .join("")}\0`;
}

/** A name's bytes as text in lower case: length bytes are below 64, so they are no letters. */
function foldName(name: Uint8Array): string {
  return String.fromCharCode(...name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)));
}
