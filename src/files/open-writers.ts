// Tells whether a program has a file open for writing, so that a file that is written in place is not read half.
// Linux grants a read lease only on a file that nobody has open for writing (fcntl(2), "Leases"), and only to the
// file's owner or root. Elsewhere nothing is known of writers.
import { closeSync, constants, openSync } from "node:fs";
import { openLibrary } from "../libc/open-library.ts";

const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;
const SIGURG = 23;
const EAGAIN = 11;

/** Asks the system for the writers of files. */
export class OpenWriters {
  /** By descriptor; bound when it is first needed. */
  #has: ((fd: number) => boolean) | undefined;

  /** Whether a program has the file at `path` open for writing; false where the system does not tell. */
  has(path: string): boolean {
    this.#has ??= bindLeases();
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return false;
    }
    try {
      return this.#has(fd);
    } finally {
      closeSync(fd);
    }
  }
}

function bindLeases(): (fd: number) => boolean {
  const opened = openLibrary();
  if ("reason" in opened) return () => false;
  const fcntl = opened.library.func("int fcntl(int, int, int)") as (
    fd: number,
    command: number,
    value: number,
  ) => number;
  return (fd) => {
    // Whoever opens the file while the lease is held causes this signal. The default one would end the process.
    if (fcntl(fd, F_SETSIG, SIGURG) < 0) return false;
    if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0) return opened.koffi.errno() === EAGAIN;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
  };
}
