// Control groups of version 1, in which a server gets little memory or few cycles. Needs the right to make one.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

const ROOT = "/sys/fs/cgroup";

/** One group, made for this process and removed by `remove` once its processes have ended. */
export class ControlGroup {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes a group of this controller with these values in its files. */
  static make(controller: "memory" | "cpu", values: Readonly<Record<string, string>>): ControlGroup {
    const group = new ControlGroup(`${ROOT}/${controller}/cluster-dns-faults-${process.pid}-${Date.now()}`);
    mkdirSync(group.#path);
    for (const [name, value] of Object.entries(values)) writeFileSync(`${group.#path}/${name}`, value);
    return group;
  }

  /** In front of a command that is to run inside. */
  get wrap(): readonly string[] {
    return ["sh", "-c", `echo $$ >${this.#path}/cgroup.procs && exec "$0" "$@"`];
  }

  /** What one of its files says. */
  read(name: string): string {
    return readFileSync(`${this.#path}/${name}`, "utf8");
  }

  /** Changes one of its values. */
  write(name: string, value: string): void {
    writeFileSync(`${this.#path}/${name}`, value);
  }

  remove(): void {
    rmdirSync(this.#path);
  }
}

/** Why there are no such groups here; undefined: there are. */
export function whyNoGroups(controller: "memory" | "cpu"): string | undefined {
  try {
    ControlGroup.make(controller, {}).remove();
    return undefined;
  } catch (error) {
    return `no control group of version 1 (${controller}) can be made here: ${(error as Error).message.split(",")[0]}`;
  }
}
