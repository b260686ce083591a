// The objects of a resource that were passed on, each by its version: what is new, what is old news, and what is
// missing. Pure. Kubernetes API concepts: "Resource versions", which are whole numbers of any size, and grow.

/** Deleted objects that are remembered, so that late news of them is known to be old. */
const DELETED_MAX = 10_000;

export class KnownVersions {
  readonly #versions = new Map<string, string>();
  readonly #deleted = new Map<string, string>();

  keys(): Iterable<string> {
    return this.#versions.keys();
  }

  has(key: string): boolean {
    return this.#versions.has(key);
  }

  /** Undefined: the object is not known. */
  versionOf(key: string): string | undefined {
    return this.#versions.get(key);
  }

  get size(): number {
    return this.#versions.size;
  }

  /** Whether the object has this version already, or a later one, or was deleted after it. */
  isOld(key: string, version: string): boolean {
    const known = this.#versions.get(key) ?? this.#deleted.get(key);
    return known !== undefined && compareVersions(version, known) <= 0;
  }

  /** Takes note of an object; returns false for old news. */
  put(key: string, version: string): boolean {
    if (this.isOld(key, version)) return false;
    this.#versions.set(key, version);
    this.#deleted.delete(key);
    return true;
  }

  /** Takes note of a deletion; returns false for old news, and for an object that is not known. */
  remove(key: string, version: string): boolean {
    const known = this.#versions.get(key) ?? this.#deleted.get(key);
    if (known !== undefined && compareVersions(version, known) < 0) return false;
    const isHeld = this.#versions.delete(key);
    this.#deleted.set(key, version);
    if (this.#deleted.size > DELETED_MAX) this.#deleted.delete(this.#deleted.keys().next().value!);
    return isHeld;
  }

  /** The keys that are known in a version up to `version` and not among `listed`. */
  missingFrom(listed: ReadonlySet<string>, version: string): readonly string[] {
    const missing: string[] = [];
    for (const [key, known] of this.#versions) {
      if (!listed.has(key) && compareVersions(known, version) <= 0) missing.push(key);
    }
    return missing;
  }

  /** Any version of the object is news. */
  forget(key: string): void {
    if (this.#versions.has(key)) this.#versions.set(key, "");
  }

  /** Versions of another history can't be compared: any version of an object is news. */
  forgetVersions(): void {
    for (const key of this.#versions.keys()) this.#versions.set(key, "");
    this.#deleted.clear();
  }
}

/** Below 0 if `a` is the earlier version, 0 for the same. Versions may be larger than a number holds exactly. */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
