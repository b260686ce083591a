// The inputs that are kept: one file each, in hexadecimal lines, or text as it is. Names are hashes of the bytes, so
// that the same input is one file. Those of crashes are kept apart, out of version control.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { InputKind } from "./mutate.ts";

const HEX_LINE = /.{1,96}/g;
const NAME_DIGITS = 12;

export const CRASH_FOLDER = fileURLToPath(new URL("./crashes/", import.meta.url));

/** Where a target's inputs are kept. */
export function corpusFolder(target: string): string {
  return fileURLToPath(new URL(`./corpus/${target}/`, import.meta.url));
}

/** All inputs of a folder; none where it is not there. */
export function readCorpus(folder: string): readonly Uint8Array[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((file) => readInput(`${folder}${file}`));
}

export function readInput(file: string): Uint8Array {
  const content = readFileSync(file);
  return Uint8Array.from(file.endsWith(".hex") ? Buffer.from(content.toString().replace(/\s/g, ""), "hex") : content);
}

/** Writes an input and returns its path; `prefix` stands before the hash. */
export function writeInput(folder: string, kind: InputKind, input: Uint8Array, prefix = ""): string {
  mkdirSync(folder, { recursive: true });
  const digest = createHash("sha256").update(input).digest("hex").slice(0, NAME_DIGITS);
  const path = `${folder}${prefix}${digest}${kind === "text" ? ".txt" : ".hex"}`;
  writeFileSync(path, kind === "text" ? input : formatHex(input));
  return path;
}

/** Makes `inputs` the folder's only ones. */
export function replaceCorpus(folder: string, kind: InputKind, inputs: readonly Uint8Array[]): void {
  rmSync(folder, { recursive: true, force: true });
  for (const input of inputs) writeInput(folder, kind, input);
}

function formatHex(input: Uint8Array): string {
  const lines = Buffer.from(input).toString("hex").match(HEX_LINE) ?? [""];
  return `${lines.join("\n")}\n`;
}
