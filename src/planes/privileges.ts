// Which rights the process keeps once its sockets are open: it becomes the user of --user, and refuses itself the
// system calls that a server never needs. Only the command does this: a program that imports the server keeps its own.
// credentials(7): supplementary groups, then group, then user; glibc and musl change all threads together.
import { readdirSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import type { Logger } from "../observe/log.ts";
import { loadLibc } from "../server/libc.ts";
import { ALLOW, compileFilter, installFilter, serverRows } from "../server/system-call-filter.ts";
import { isManifestName, isSkippedFolder } from "../sources/manifests/manifest-names.ts";
import { errorCode } from "../std/error-code.ts";
import { checkRead, checkServerFiles } from "./readable-files.ts";
import type { OtherFiles } from "./readable-files.ts";
import { filesOfSources } from "./remote-sources.ts";

/** A user to become; `gid` becomes the only group. */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** What the choice of a user depends on. */
export interface PrivilegesInput {
  readonly paths: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** The user for `--user auto` where it can read everything: it owns nothing. */
const NOBODY = "nobody";
/** Entries of folders that `--user auto` looks at. */
const ENTRIES_MAX = 10_000;

export class Privileges {
  readonly #options: Options;
  readonly #log: Logger;
  readonly #account: Account | undefined;

  /**
   * Chooses the user, and checks as that user that it can read what is read later. Rejects with a `SettingsError`, or
   * with the `SourceError` of a kubeconfig. Call it before anything else runs: for a moment the process is that user.
   */
  static async choose(options: Options, input: PrivilegesInput): Promise<Privileges> {
    return new Privileges(options, input, options.user === undefined ? [] : await filesOfSources(options));
  }

  private constructor(options: Options, { paths, env, log }: PrivilegesInput, sourceFiles: readonly string[]) {
    this.#options = options;
    this.#log = log;
    const files = { paths, sourceFiles };
    const { user } = options;
    if (process.geteuid?.() !== 0) {
      if (user !== undefined && user !== "auto") assertIsAlready(user);
    } else if (user === undefined) {
      log.info("running as root: --user auto, or --user NAME, gives that up once the port is bound");
    } else {
      this.#account = user === "auto" ? this.#findAccount(files, env) : accountFor(user, options, files);
    }
  }

  /** Gives up what isn't needed any more; call it when the sockets are open. */
  drop(): void {
    if (this.#account !== undefined) {
      const { name, uid, gid } = this.#account;
      process.setgroups!([]);
      process.setgid!(gid);
      process.setuid!(uid);
      this.#log.info({ user: name, uid, gid }, "gave up root");
    }
    const { kustomize, kubeconfig, clusters } = this.#options;
    // A kubeconfig can name a credential program.
    const reason = filterCalls(kustomize || kubeconfig !== undefined || clusters.length > 0);
    if (reason !== undefined) this.#log.debug({ reason }, "system calls are not filtered");
  }

  /** The account with the fewest rights that can read everything; undefined: stay root. */
  #findAccount(files: OtherFiles, env: PrivilegesInput["env"]): Account | undefined {
    const { paths } = files;
    const reasons: string[] = [];
    for (const [user, group] of candidates(paths, env)) {
      try {
        const account = lookUp(user, group);
        const fault = runAs(account, () => checkServerFiles(this.#options, files) ?? checkFolders(paths));
        if (fault === undefined) return account;
        reasons.push(`user ${account.name} ${fault}`);
      } catch (error) {
        reasons.push(error instanceof SettingsError ? error.message : `user ${user}: ${errorCode(error)}`);
      }
    }
    this.#log.warn({ reasons }, "stays root: give a user that can read all files, with --user NAME[:GROUP]");
    return undefined;
  }
}

/** Fewest rights first: the owner of the manifests could change them. */
function candidates(paths: readonly string[], env: PrivilegesInput["env"]): (readonly [string, string | undefined])[] {
  const found: (readonly [string, string | undefined])[] = [[NOBODY, undefined]];
  const { SUDO_UID: uid, SUDO_GID: gid } = env;
  if (/^[1-9]\d*$/.test(uid ?? "")) found.push([uid!, /^\d+$/.test(gid ?? "") ? gid : undefined]);
  const [path] = paths.filter((each) => each !== "-");
  const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && stats.uid !== 0) found.push([String(stats.uid), String(stats.gid)]);
  return found;
}

function accountFor(text: string, options: Options, files: OtherFiles): Account | undefined {
  const [user = "", group] = text.split(":");
  const account = lookUp(user, group);
  if (account.uid === 0) return undefined;
  const fault = runAs(account, () => checkServerFiles(options, files));
  if (fault !== undefined) throw new SettingsError(`--user: user ${account.name} ${fault}`);
  return account;
}

/** Becomes the user and its group for as long as `look` runs; all threads do. */
function runAs<T>({ name, uid, gid }: Account, look: () => T): T {
  const [ownGid, ownGroups] = [process.getegid!(), process.getgroups!()];
  try {
    process.setgroups!([]);
  } catch (error) {
    throw cannotBecome(name, error);
  }
  try {
    process.setegid!(gid);
    process.seteuid!(uid);
    return look();
  } finally {
    process.seteuid!(0);
    process.setegid!(ownGid);
    process.setgroups!(ownGroups);
  }
}

function cannotBecome(user: string, cause: unknown): SettingsError {
  const advice = "give root CAP_SETUID and CAP_SETGID, or start as that user with CAP_NET_BIND_SERVICE";
  return new SettingsError(`--user: cannot become ${user} (${errorCode(cause)}): ${advice}`);
}

/** Asks the system, whatever it has its accounts from. A number without an account has the group of that number. */
function lookUp(user: string, group: string | undefined): Account {
  const ownGid = process.getegid!();
  try {
    if (group !== undefined) process.setegid!(idOrName(group));
    const gid = process.getegid!();
    process.seteuid!(idOrName(user));
    const uid = process.geteuid!();
    const account = currentAccount();
    return { name: account?.username ?? user, uid, gid: group === undefined ? (account?.gid ?? uid) : gid };
  } catch (error) {
    if (errorCode(error) !== "ERR_UNKNOWN_CREDENTIAL") throw cannotBecome(user, error);
    const what = error instanceof Error && error.message.startsWith("Group") ? `group ${group}` : `user ${user}`;
    throw new SettingsError(`--user: there is no ${what}: create it, or give a number such as 65532`);
  } finally {
    process.seteuid!(0);
    process.setegid!(ownGid);
  }
}

function idOrName(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function currentAccount(): { readonly username: string; readonly gid: number } | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}

function assertIsAlready(text: string): void {
  const [user, group] = text.split(":");
  const isUser = [String(process.geteuid?.()), currentAccount()?.username].includes(user);
  if (isUser && (group === undefined || group === String(process.getegid?.()) || canTake(group))) return;
  throw new SettingsError(`--user ${text}: only root can become another user; start as root, or leave --user out`);
}

/** Without rights, a process can take only the group that it has. */
function canTake(group: string): boolean {
  try {
    process.setegid?.(idOrName(group));
    return true;
  } catch {
    return false;
  }
}

/** What in folders can't be read, as the end of a sentence; links to folders are not followed. */
function checkFolders(paths: readonly string[]): string | undefined {
  const folders = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  let entriesLeft = ENTRIES_MAX;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entriesLeft-- === 0) return undefined;
      const isFolder = entry.isDirectory();
      if (isFolder ? isSkippedFolder(entry.name) : !isManifestName(entry.name)) continue;
      const path = join(folder, entry.name);
      const fault = checkRead("", path);
      if (fault !== undefined) return fault;
      if (isFolder) folders.push(path);
    }
  }
  return undefined;
}

function filterCalls(mayExecute: boolean): string | undefined {
  const loaded = loadLibc();
  if ("reason" in loaded) return loaded.reason;
  const arch = process.arch === "x64" ? "x64" : "arm64";
  return installFilter(loaded.libc, compileFilter(arch, serverRows(arch, mayExecute), ALLOW));
}
