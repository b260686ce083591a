// Makes and checks DNS cookies (RFC 7873) in their interoperable form (RFC 9018 4): a client that returns the server
// cookie has proved its address. The secrets are in shared memory, so that all threads change them at once.
// Allocates nothing after construction.
import type { Clock } from "../std/clock.ts";
import { SipHash } from "../std/siphash.ts";
import type { Client } from "./client.ts";

export const CLIENT_COOKIE_SIZE = 8;
/** Client cookie, and server cookie: version, reserved, time, hash. */
export const COOKIE_SIZE = 24;
/** Sizes of a server cookie (RFC 7873 4). */
export const SERVER_COOKIE_SIZE_MIN = 8;
export const SERVER_COOKIE_SIZE_MAX = 32;
export const SECRET_SIZE = 16;
/** The secret that makes cookies, and one that is still (or already) accepted. */
const SECRET_COUNT_MAX = 2;

/** Limits of a cookie's age, of its time ahead of the clock, and the age from which it is replaced (RFC 9018 4.3). */
const AGE_SECONDS_MAX = 3600;
const AHEAD_SECONDS_MAX = 300;
const RENEW_AFTER_SECONDS = 1800;
const NO_SECRET = -1;

/** The memory that the cookies of all threads share; it has no secrets yet. */
export function newCookieMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 + SECRET_COUNT_MAX * SECRET_SIZE);
}

/** Replaces the secrets, at most two of 16 bytes. The first makes cookies; both are accepted. */
export function setCookieSecrets(memory: SharedArrayBuffer, secrets: readonly Uint8Array[]): void {
  const bytes = new Uint8Array(memory, 4);
  const used = secrets.slice(0, SECRET_COUNT_MAX);
  // A thread that reads a half-written secret makes a cookie that no thread accepts: the client then gets another one.
  used.forEach((secret, i) => bytes.set(secret.subarray(0, SECRET_SIZE), i * SECRET_SIZE));
  Atomics.store(new Int32Array(memory, 0, 1), 0, used.length);
}

export class Cookies {
  readonly #count: Int32Array;
  readonly #secrets: Uint8Array;
  readonly #clock: Clock;
  readonly #sipHash = new SipHash();
  /** Input of the hash: the cookie without its hash, and the client's address. */
  readonly #input = new Uint8Array(32);
  readonly #hash = new Uint8Array(8);
  readonly #address = new Uint8Array(16);

  constructor(memory: SharedArrayBuffer, clock: Clock) {
    this.#count = new Int32Array(memory, 0, 1);
    this.#secrets = new Uint8Array(memory, 4);
    this.#clock = clock;
  }

  /**
   * Answers the client's cookie in `bytes[at, at + size)`, at least 8 bytes: writes the cookie for the reply, 24 bytes,
   * to the start of `out`. True: the client's cookie has a valid server cookie.
   */
  answer(bytes: Uint8Array, at: number, size: number, client: Client, out: Uint8Array): boolean {
    const addressSize = client.readAddress(this.#address);
    const now = this.#clock.wallSeconds;
    const secret = size === COOKIE_SIZE ? this.#secretOf(bytes, at, addressSize, now) : NO_SECRET;
    if (secret === 0 && ((now - readTime(bytes, at)) | 0) <= RENEW_AFTER_SECONDS) {
      for (let i = 0; i < COOKIE_SIZE; i++) out[i] = bytes[at + i]!;
    } else {
      for (let i = 0; i < CLIENT_COOKIE_SIZE; i++) out[i] = bytes[at + i]!;
      this.#make(out, addressSize, now);
    }
    return secret !== NO_SECRET;
  }

  /** The secret that made the cookie in `bytes[at, at + 24)`, where it is valid for this address now. */
  #secretOf(bytes: Uint8Array, at: number, addressSize: number, now: number): number {
    if (bytes[at + CLIENT_COOKIE_SIZE] !== 1) return NO_SECRET;
    const input = this.#input;
    for (let i = 0; i < 16; i++) input[i] = bytes[at + i]!;
    const age = (now - readTime(bytes, at)) | 0;
    if (age > AGE_SECONDS_MAX || age < -AHEAD_SECONDS_MAX) return NO_SECRET;
    const count = Atomics.load(this.#count, 0);
    for (let secret = 0; secret < count; secret++) {
      this.#hashInput(secret, addressSize);
      // Takes the same time for any bytes, so that it does not show how many were right.
      let different = 0;
      for (let i = 0; i < 8; i++) different |= this.#hash[i]! ^ bytes[at + 16 + i]!;
      if (different === 0) return secret;
    }
    return NO_SECRET;
  }

  /** Writes the server cookie behind the client cookie in `out`. */
  #make(out: Uint8Array, addressSize: number, now: number): void {
    out[8] = 1;
    out[9] = out[10] = out[11] = 0;
    for (let i = 0; i < 4; i++) out[12 + i] = now >>> (24 - i * 8);
    for (let i = 0; i < 16; i++) this.#input[i] = out[i]!;
    this.#hashInput(0, addressSize);
    for (let i = 0; i < 8; i++) out[16 + i] = this.#hash[i]!;
  }

  #hashInput(secret: number, addressSize: number): void {
    for (let i = 0; i < addressSize; i++) this.#input[16 + i] = this.#address[i]!;
    this.#sipHash.hash(this.#secrets, secret * SECRET_SIZE, this.#input, 0, 16 + addressSize, this.#hash, 0);
  }
}

/** The time of the cookie at `at`, seconds since 1970 modulo 2^32, as a signed number. */
function readTime(bytes: Uint8Array, at: number): number {
  return (bytes[at + 12]! << 24) | (bytes[at + 13]! << 16) | (bytes[at + 14]! << 8) | bytes[at + 15]!;
}
