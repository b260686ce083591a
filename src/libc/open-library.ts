// Opens the system's C library for functions that Node.js lacks, by foreign function calls (koffi). Linux on x64 and
// arm64 only; elsewhere, and where koffi does not load, there is a reason for the operator instead.
import { createRequire } from "node:module";
import type { LibraryHandle } from "koffi";

/** The C library, and the koffi that calls it. */
export interface OpenLibrary {
  readonly koffi: typeof import("koffi");
  readonly library: LibraryHandle;
}

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/** The library, or the reason why there is none. */
export function openLibrary(): OpenLibrary | { readonly reason: string } {
  const { platform, arch } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64"))
    return { reason: `batches of system calls need Linux on x64 or arm64, this is ${platform} on ${arch}` };
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    return { koffi, library: openFirst(koffi) };
  } catch (error) {
    return { reason: `koffi does not load: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}` };
  }
}

function openFirst(koffi: typeof import("koffi")): LibraryHandle {
  let fault: unknown;
  for (const name of LIBRARIES) {
    try {
      return koffi.load(name);
    } catch (error) {
      fault ??= error;
    }
  }
  throw fault;
}
