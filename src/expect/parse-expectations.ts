// Parses a file of expectations: YAML or JSON with the key `expectations`. Everything wrong becomes a problem with its
// place and advice. Pure. deploy/expectations.schema.json says the same to editors, and a test compares the two.
import { isMetaType, parseType, formatType } from "../dns/type-names.ts";
import { parseName } from "../dns/name.ts";
import { RECORD_TYPES } from "../dns/record-types.ts";
import { parseIp } from "../net/ip.ts";
import { Field, ProblemSink } from "../objects/field.ts";
import { isDnsLabel, isDnsSubdomain } from "../objects/kube-names.ts";
import type { Problem } from "../objects/problem.ts";
import { didYouMean } from "../std/nearest.ts";
import { parseDocuments } from "../text/parse-documents.ts";
import type { ParsedDocument } from "../text/parsed-document.ts";
import { EXPECTED_KEYS, RCODE_WORDS } from "./expectation.ts";
import type { Expectation } from "./expectation.ts";
import { parseRdataText } from "./rdata-text.ts";

const KEYS: readonly string[] = ["name", "type", "from", ...EXPECTED_KEYS];
const COUNT_MAX = 65_535;
const TYPES = Object.keys(RECORD_TYPES).filter((name) => !isMetaType(parseType(name)!));

/** A key at the left edge of a YAML text, or the first of a JSON object. */
const TOP_KEY = /^(?:\s*\{\s*)?["']?expectations["']?[ \t]*:/m;

/** Whether the text is a file of expectations: no manifest has their key at its top. */
export function isExpectations(text: string): boolean {
  return TOP_KEY.test(text);
}

/** Parses the text of `file`, its name in places. If there is a problem, the expectations are not complete. */
export function parseExpectations(
  text: string,
  file: string,
): { readonly expectations: readonly Expectation[]; readonly problems: readonly Problem[] } {
  const expectations: Expectation[] = [];
  const problems: Problem[] = [];
  let index = 0;
  for (const document of parseDocuments(text)) {
    if ("fault" in document) {
      const { line, column, fault } = document;
      const advice = "correct the YAML; text with : or # needs quotes";
      problems.push({
        code: "yaml-syntax",
        severity: "error",
        message: fault,
        advice,
        place: { file, line, column },
      });
      continue;
    }
    const parser = new DocumentParser(document, file, index++);
    expectations.push(...parser.parse());
    problems.push(...parser.problems);
  }
  if (index === 0 && problems.length === 0) {
    const advice = "write a list of expectations below the key expectations";
    const place = { file, line: 1, column: 1 };
    problems.push({ code: "empty-file", severity: "error", message: "the file has no expectations", advice, place });
  }
  return { expectations, problems };
}

class DocumentParser {
  readonly #document: ParsedDocument;
  readonly #file: string;
  readonly #index: number;
  readonly #sink: ProblemSink;

  constructor(document: ParsedDocument, file: string, index: number) {
    this.#document = document;
    this.#file = file;
    this.#index = index;
    this.#sink = new ProblemSink(
      (path) => ({ file, ...document.locate(path) }),
      (path) => document.writtenAt(path),
    );
  }

  get problems(): readonly Problem[] {
    return this.#sink.problems;
  }

  parse(): readonly Expectation[] {
    const root = new Field(this.#document.value, this.#sink);
    for (const { key, line, column, earlierLine } of this.#document.repeatedKeys) {
      this.#sink.problems.push({
        code: "repeated-key",
        severity: "error",
        message: `the key ${JSON.stringify(key)} is written twice; the first is in line ${earlierLine}`,
        advice: "remove one of them",
        place: { file: this.#file, line, column },
      });
    }
    if (root.isAbsent || !isMapping(root)) {
      root.invalid("a mapping", "begin with the line `expectations:`, and indent the list below it");
      return [];
    }
    // Keys that begin with x- are for anchors, as in Compose files.
    this.#refuseUnknownKeys(root, ["expectations"], (key) => key.startsWith("x-"));
    const list = root.get("expectations");
    if (!Array.isArray(list.value)) {
      list.invalid("a list", "write each expectation as `- name: NAME`, with its keys below");
      return [];
    }
    return list.items().flatMap((item, index) => this.#parseItem(item, index) ?? []);
  }

  #parseItem(item: Field, index: number): Expectation | undefined {
    if (!isMapping(item)) return item.invalid("a mapping", "write `- name: NAME`, with the other keys below");
    const before = this.problems.length;
    this.#refuseUnknownKeys(item, KEYS);
    const name = parseNameField(item.get("name"));
    const type = parseTypeField(item.get("type"));
    const from = parseFrom(item.get("from"));
    const answer = type === undefined ? undefined : parseRecords(item.get("answer"), type);
    const contains = type === undefined ? undefined : parseRecords(item.get("contains"), type);
    const count = parseCount(item.get("count"));
    const rcode = parseRcode(item.get("rcode"));
    const reason = parseReason(item.get("reason"));
    if (name === undefined || type === undefined || this.problems.length > before) return undefined;
    const expectation: Expectation = {
      place: { file: this.#file, ...this.#document.locate(item.path) },
      document: this.#index,
      index,
      name,
      type,
      ...(from !== undefined && { from }),
      ...(answer !== undefined && { answer }),
      ...(contains !== undefined && { contains }),
      ...(count !== undefined && { count }),
      ...(rcode !== undefined && { rcode }),
      ...(reason !== undefined && { reason }),
    };
    const contradiction = findContradiction(expectation);
    if (contradiction === undefined) return expectation;
    const [key, message, advice] = contradiction;
    this.#sink.add("contradiction", "error", [...item.path, key], message, advice);
    return undefined;
  }

  #refuseUnknownKeys(mapping: Field, known: readonly string[], isFree: (key: string) => boolean = () => false): void {
    for (const key of Object.keys(mapping.value as object)) {
      if (known.includes(key) || isFree(key)) continue;
      const where = mapping.name === "" ? "" : `${mapping.name}: `;
      const message = `${where}unknown key ${JSON.stringify(key)}${didYouMean(key, known)}`;
      this.#sink.add("unknown-key", "error", [...mapping.path, key], message, `the keys are ${known.join(", ")}`);
    }
  }
}

function isMapping({ value }: Field): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseNameField(field: Field): string | undefined {
  if (field.isAbsent) return field.invalid("a domain name", "add the name that is asked, as `name: web.shop`");
  if (typeof field.value !== "string") return field.invalid("a domain name", `put it in quotes: "${field.written}"`);
  if (parseName(field.value) !== undefined) return field.value;
  return field.invalid("a domain name", "write labels of 1 to 63 bytes, 255 in all, joined by dots");
}

function parseTypeField(field: Field): number | undefined {
  if (field.isAbsent) return parseType("A");
  const type = typeof field.value === "string" ? parseType(field.value) : undefined;
  if (type !== undefined && !isMetaType(type)) return type;
  const meant = typeof field.value === "string" ? didYouMean(field.value, TYPES) : "";
  return field.invalid("a record type", `write one as A, AAAA, SRV or TYPE65280${meant}`);
}

function parseFrom(field: Field): string | undefined {
  if (field.isAbsent) return undefined;
  const advice = "write a namespace, NAMESPACE/POD or the address of a pod";
  if (typeof field.value !== "string") return field.invalid("text", advice);
  if (parseIp(field.value) !== undefined) return field.value;
  const [namespace = "", pod, ...more] = field.value.split("/");
  const isPod = pod === undefined || isDnsSubdomain(pod);
  return isDnsLabel(namespace) && isPod && more.length === 0 ? field.value : field.invalid("who asks", advice);
}

function parseRecords(field: Field, type: number): readonly string[] | undefined {
  if (field.isAbsent) return undefined;
  if (!Array.isArray(field.value)) return field.invalid("a list", `write it as a list: [${field.written ?? "…"}]`);
  const records = new Set<string>();
  for (const item of field.items()) {
    if (typeof item.value !== "string") {
      item.invalid(
        "the text of a record",
        item.written === undefined ? "write it as in a zone file" : "put it in quotes",
      );
      continue;
    }
    const rdata = parseRdataText(type, item.value);
    if (typeof rdata === "string") records.add(rdata);
    else item.invalid(`a record of type ${formatType(type)}`, `${rdata.message}: ${rdata.advice}`);
  }
  return [...records];
}

function parseCount(field: Field): number | undefined {
  const { value } = field;
  if (field.isAbsent) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX) return value;
  return field.invalid(`a whole number from 0 to ${COUNT_MAX}`, "write the number of records, without quotes");
}

function parseRcode(field: Field): string | undefined {
  if (field.isAbsent) return undefined;
  const { value } = field;
  if (typeof value === "string" && RCODE_WORDS.includes(value)) return value;
  const meant = typeof value === "string" ? didYouMean(value, RCODE_WORDS) : "";
  return field.invalid("a response code or NODATA", `write one of ${RCODE_WORDS.join(", ")}${meant}`);
}

function parseReason(field: Field): string | undefined {
  if (field.isAbsent) return undefined;
  if (typeof field.value === "string" && field.value.trim() !== "") return field.value.trim();
  return field.invalid("text", "write a part of the sentence that explain says, or a code such as no-service");
}

type Contradiction = readonly [key: string, message: string, advice: string];

/** Two keys that no answer fulfils. */
function findContradiction({ answer, contains, count, rcode, reason }: Expectation): Contradiction | undefined {
  const missing = contains?.find((record) => answer?.includes(record) === false);
  if (missing !== undefined) return ["contains", `contains has ${missing}, which answer does not have`, "keep answer"];
  if (answer !== undefined && count !== undefined && answer.length !== count) {
    return ["count", `count is ${count}, and answer has ${answer.length} records`, "remove count"];
  }
  if (contains !== undefined && count !== undefined && contains.length > count) {
    return ["count", `count is ${count}, and contains has ${contains.length} records`, "raise count"];
  }
  const records = Math.max(answer?.length ?? 0, contains?.length ?? 0, count ?? 0);
  if (records === 0) return undefined;
  if (rcode !== undefined && rcode !== "NOERROR") {
    return ["rcode", `no reply with rcode ${rcode} has records of the type`, "remove rcode, or the records"];
  }
  if (reason === undefined) return undefined;
  return ["reason", "a reason is why there are no records, and records are expected", "remove reason, or the records"];
}
