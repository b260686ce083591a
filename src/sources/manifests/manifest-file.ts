// One watched file: waits until it holds still, reads it, and keeps what it last held whenever the new content is
// empty, cut or not valid. A change that takes names away needs longer proof than one that only adds. Knows nothing of
// folders.
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { ZoneContent } from "../../zonefile/choose-zones.ts";
import { holdsLess } from "./holds-less.ts";
import type { Look } from "../../files/look-at.ts";
import { signatureAt } from "../../files/look-at.ts";
import type { ParsedManifest } from "./parse-manifest.ts";
import type { FileContent } from "./read-manifest.ts";
import { joinSignatures } from "./read-manifest.ts";

/** A file is read when size, inode and times have stood this long. */
const STILL_MS = 12;
/** What would take names away or report a fault must stand this long. */
const PROOF_MS = 80;
/** A file that grows bit by bit is being written slowly; it must stand this long. */
const SLOW_MS = 150;
/** How long after a change the next one counts as part of the same writing. */
const WRITING_MS = 250;
/** One more look after a change, in case the event of a later one was lost. */
const LAST_LOOK_MS = 100;

/** What of a file is not what it was. */
export interface FileChange {
  readonly objects: boolean;
  readonly zone: boolean;
  readonly problems: boolean;
}

/** What a file needs of the set it belongs to. */
export interface FileHost {
  look(file: ManifestFile): Promise<Look>;
  parse(file: ManifestFile, bytes: number): Promise<FileContent>;
  /** How long a missing file must stay away before it counts as missing, ms. */
  missingMs(file: ManifestFile): number;
  /** Whether a missing file was removed (its names go) or went with all around it (they stay); a problem to show. */
  whyMissing(file: ManifestFile): Promise<{ readonly removed: boolean; readonly problem?: Problem }>;
  changed(file: ManifestFile, what: FileChange): void;
  /** The file is gone and holds nothing. */
  forget(file: ManifestFile): void;
}

/** A file with what it holds. Its methods never throw on what they find. */
export class ManifestFile {
  readonly path: string;
  readonly rank: string;
  objects: ReadonlyMap<string, KubeObject> = new Map();
  /** Of a zone file or hosts file. */
  zone: ZoneContent | undefined;
  /** The files that it includes, or tries to, by path. */
  included: readonly string[] = [];
  problems: readonly Problem[] = [];
  documentsWithoutKind = 0;
  otherKinds: ReadonlyMap<string, number> = new Map();
  readonly #host: FileHost;
  /** What went as documents lost their kind: it stays while more than `above` of them have none. */
  #lost: { readonly keys: ReadonlySet<string>; readonly above: number } = { keys: new Set(), above: 0 };
  /** What was read or settled last; undefined: look closely whatever is there. */
  #signature: string | undefined;
  #settling: Promise<void> | undefined;
  #hinted = false;
  #wake: (() => void) | undefined;
  #lastLook: NodeJS.Timeout | undefined;
  #closed = false;
  #growth = { inode: 0n, size: 0, steps: 0, atMs: 0 };

  constructor(path: string, rank: string, host: FileHost) {
    this.path = path;
    this.rank = rank;
    this.#host = host;
  }

  /** Reads the file at once, as it stands. */
  async load(): Promise<void> {
    if (this.#closed) return;
    const look = await this.#look();
    if (this.#closed) return;
    if (look.kind === "file") {
      const content = await this.#parse(look.size);
      if (!this.#closed) this.#accept(content);
    } else if (look.problem !== undefined) {
      this.#settle(look.signature, [look.problem]);
    }
  }

  /** Something may have happened to the file: look. */
  hint(): void {
    this.#hinted = true;
    this.#wake?.();
    if (this.#closed || this.#settling !== undefined) return;
    this.#settling = this.#followChanges().finally(() => (this.#settling = undefined));
  }

  /** As `hint`, and what was settled before no longer counts. */
  hintAnew(): void {
    this.#signature = undefined;
    this.hint();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#lastLook);
    this.#wake?.();
    await this.#settling;
  }

  async #followChanges(): Promise<void> {
    while (this.#hinted && !this.#closed) {
      this.#hinted = false;
      const look = await this.#look();
      if (look.signature === this.#signature || this.#closed) continue;
      await this.#waitUntilStill(look);
      clearTimeout(this.#lastLook);
      if (this.#closed || this.#signature === undefined) continue;
      this.#lastLook = setTimeout(() => this.hint(), LAST_LOOK_MS).unref();
    }
  }

  async #waitUntilStill(first: Look): Promise<void> {
    let seen = first;
    let sinceMs = performance.now();
    let content: FileContent | undefined;
    let needMs = this.#needMs(seen);
    while (!this.#closed) {
      await this.#sleep(
        needMs - (performance.now() - sinceMs),
        needMs > SLOW_MS || content !== undefined || seen.kind !== "file",
      );
      const look = await this.#look();
      if (look.signature !== seen.signature) {
        seen = look;
        sinceMs = performance.now();
        content = undefined;
        needMs = this.#needMs(seen);
        continue;
      }
      if (performance.now() - sinceMs < needMs || this.#closed) continue;
      if (seen.kind !== "file") return this.#acceptAbsence(seen);
      content ??= await this.#parse(seen.size);
      if (this.#closed) return;
      const wasWritten = content.kind === "parsed" && content.signature !== seen.signature;
      if (wasWritten) {
        // Between the look and the reading: what was read is neither the old nor the new.
        seen = { ...seen, signature: "changed" };
        content = undefined;
      } else if (needMs >= PROOF_MS || !this.#isLoss(content)) {
        return this.#accept(content);
      } else {
        this.#acceptGains(content);
        needMs = PROOF_MS;
      }
    }
  }

  // What is included is a part of the file: it must hold still too.
  async #look(): Promise<Look> {
    const look = await this.#host.look(this);
    if (look.kind !== "file" || this.included.length === 0) return look;
    const signatures = await Promise.all(this.included.map(signatureAt));
    return { ...look, signature: joinSignatures(look.signature, signatures) };
  }

  async #parse(bytes: number): Promise<FileContent> {
    const content = await this.#host.parse(this, bytes);
    if (content.kind === "parsed") this.included = content.parsed.included ?? [];
    return content;
  }

  #needMs(look: Look): number {
    if (look.kind === "missing") return this.#host.missingMs(this);
    if (look.kind === "refused") return PROOF_MS;
    const now = performance.now();
    const last = this.#growth;
    const isGrowth = look.inode === last.inode && look.size > last.size && now - last.atMs < WRITING_MS;
    this.#growth = { inode: look.inode, size: look.size, steps: isGrowth ? last.steps + 1 : 0, atMs: now };
    return this.#growth.steps >= 2 ? SLOW_MS : STILL_MS;
  }

  // Only long waits end at a hint: a file that is written to without a pause is looked at a few times, not each time.
  async #sleep(ms: number, wakes: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms, 1));
      if (wakes) {
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }
    });
    this.#wake = undefined;
  }

  #isLoss(content: FileContent): boolean {
    if (content.kind === "refused") return true;
    const { parsed } = content;
    if (parsed.broken || parsed.invalidKeys.length > 0) return true;
    // One that is cut short may be a good zone file still; which names went would take long to tell.
    if (this.zone !== undefined) return true;
    const now = toMap(parsed.objects);
    return [...this.objects].some(([key, before]) => holdsLess(now.get(key), before));
  }

  // What is new counts at once, what is missing waits for proof. A fault hints at a file cut short: none of it counts.
  #acceptGains(content: FileContent): void {
    if (content.kind === "refused" || content.parsed.broken || content.parsed.invalidKeys.length > 0) return;
    const gains = [...toMap(content.parsed.objects)].filter(([key, now]) => !holdsLess(now, this.objects.get(key)));
    if (gains.length === 0) return;
    this.objects = new Map([...this.objects, ...gains]);
    this.#host.changed(this, { objects: true, zone: false, problems: false });
  }

  #accept(content: FileContent): void {
    if (content.kind === "refused") {
      // No signature: the next look reads again, as permissions of folders above leave no trace on the file.
      this.#settle(undefined, [content.problem]);
      return;
    }
    const { parsed } = content;
    if (content.isBlank && this.#holdsSomething()) {
      const problem = fileProblem(
        this.path,
        "empty-file",
        "the file is empty; what it held before stays",
        "remove the file to remove its names",
      );
      this.#settle(content.signature, [problem]);
      return;
    }
    this.#lost = this.#findLost(parsed);
    const problems = this.#lost.keys.size > 0 ? [...parsed.problems, this.#noKind()] : parsed.problems;
    this.documentsWithoutKind = parsed.documentsWithoutKind;
    this.otherKinds = parsed.otherKinds;
    this.#settle(content.signature, problems, {
      objects: this.#keep(parsed),
      zone: parsed.broken ? this.zone : parsed.zone,
    });
  }

  #holdsSomething(): boolean {
    return this.objects.size > 0 || this.zone?.kind === "zone" || (this.zone?.entries.length ?? 0) > 0;
  }

  // A document that comes to have no kind may be what an object was, so what goes with it stays. Once it is there, it
  // says nothing of what goes later.
  #findLost(parsed: ParsedManifest): { readonly keys: ReadonlySet<string>; readonly above: number } {
    const { documentsWithoutKind } = parsed;
    const isMore = documentsWithoutKind > this.documentsWithoutKind;
    const above = this.#lost.keys.size > 0 ? this.#lost.above : this.documentsWithoutKind;
    if (documentsWithoutKind <= above) return { keys: new Set(), above: documentsWithoutKind };
    const present = new Set([...parsed.objects.map(objectKey), ...parsed.invalidKeys]);
    const before = isMore ? this.objects.keys() : this.#lost.keys;
    return { keys: new Set([...before].filter((key) => !present.has(key))), above };
  }

  #keep(parsed: ParsedManifest): ReadonlyMap<string, KubeObject> {
    const objects = new Map<string, KubeObject>();
    const stays = parsed.broken ? this.objects.keys() : [...parsed.invalidKeys, ...this.#lost.keys];
    for (const key of stays) {
      const object = this.objects.get(key);
      if (object !== undefined) objects.set(key, object);
    }
    for (const [key, object] of toMap(parsed.objects)) objects.set(key, object);
    return objects;
  }

  #noKind(): Problem {
    return fileProblem(
      this.path,
      "no-kind",
      "a document lost its kind; what the file held before stays",
      "write apiVersion and kind",
    );
  }

  async #acceptAbsence(look: Look): Promise<void> {
    if (look.kind === "refused") {
      this.#settle(look.signature, [look.problem]);
      return;
    }
    const why = await this.#host.whyMissing(this);
    if (this.#closed) return;
    // Its folder may have come back in between, under the number that it had, and the file with it.
    if (why.removed && (await this.#look()).signature !== look.signature) return this.hint();
    const problem = look.kind === "missing" ? (why.problem ?? look.problem) : undefined;
    if (why.removed) {
      this.documentsWithoutKind = 0;
      this.otherKinds = new Map();
      this.#lost = { keys: new Set(), above: 0 };
      this.included = [];
    }
    const problems = problem === undefined ? [] : [problem];
    this.#settle(look.signature, problems, why.removed ? { objects: new Map(), zone: undefined } : this);
    if (why.removed && problem === undefined) this.#host.forget(this);
  }

  #settle(signature: string | undefined, problems: readonly Problem[], held: Held = this): void {
    const { objects, zone } = held;
    const what: FileChange = {
      objects: objects !== this.objects && (objects.size > 0 || this.objects.size > 0),
      zone: zone !== this.zone,
      problems: JSON.stringify(problems) !== JSON.stringify(this.problems),
    };
    this.#signature = signature;
    this.objects = objects;
    this.zone = zone;
    this.problems = problems;
    if (what.objects || what.zone || what.problems) this.#host.changed(this, what);
  }
}

/** What a file gives to those who use it. */
type Held = Pick<ManifestFile, "objects" | "zone">;

function toMap(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [objectKey(object), object]));
}
