// Sends mutated packets to a server as fast as it takes them, one window at a time; it makes the next window while the
// server answers. Blocks its thread while it waits. `faults` lists what is wrong with the replies.
import { needLibc } from "../support/batch/open-batch.ts";
import { BatchClient } from "../support/batch/batch-client.ts";
import { FLOOD_NAMES, FLOOD_QUERIES } from "./flood-questions.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { checkReply, readAsked, wantsReply } from "./reply-laws.ts";

/** Packets without a reply yet; an id's lower byte tells which of these a reply is to. */
const WINDOW = 256;
/** So that the kernel spreads them over the server's threads. */
const SOCKETS = 4;
const PACKET_SIZE_MAX = 1_200;
const REPLY_TIMEOUT_MS = 10_000;
/** One reply in so many is decoded; the others are checked for id, size and QR. */
const SAMPLE = 16;
const FAULTS_MAX = 10;
/** What the server has without further settings. */
const EDNS_SIZE = 1232;

export class FloodClient {
  readonly faults: string[] = [];
  sent = 0;
  replies = 0;
  readonly #random: Random;
  readonly #clients: readonly BatchClient[];
  #next: readonly Uint8Array[];
  #windows = 0;

  constructor(port: number, seed: number) {
    const libc = needLibc();
    this.#random = new Random(seed);
    this.#clients = Array.from({ length: SOCKETS }, () => new BatchClient(libc, { host: "127.0.0.1", port }));
    this.#next = this.#makeWindow();
  }

  /** Sends a window of packets and takes the replies to them. */
  turn(): void {
    const packets = this.#next;
    const client = this.#clients[this.#windows++ % SOCKETS]!;
    client.send(packets);
    this.sent += packets.length;
    this.#next = this.#makeWindow();
    const wanted = packets.filter(wantsReply).length;
    const isAnswered = new Uint8Array(WINDOW);
    const take = (bytes: Uint8Array, start: number, size: number): void => {
      const reply = Buffer.from(bytes.buffer, bytes.byteOffset + start, size);
      this.#check(packets, isAnswered, reply);
    };
    const got = client.drain(wanted, REPLY_TIMEOUT_MS, take);
    this.replies += got;
    if (got === wanted) return;
    const silent = packets.findIndex((packet, i) => wantsReply(packet) && isAnswered[i] === 0);
    this.#addFault(`${wanted - got} replies are missing, one to ${hex(packets[silent])}`);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  /** Adds a fault where more replies arrive than queries asked for. */
  checkStrays(): void {
    for (const client of this.#clients) {
      const [stray] = client.receive(1, 100);
      if (stray !== undefined) this.#addFault(`one reply too many: ${hex(stray)}`);
    }
  }

  #makeWindow(): readonly Uint8Array[] {
    const material = { random: this.#random, dictionary: FLOOD_NAMES, others: FLOOD_QUERIES };
    const epoch = (this.#windows + 1) & 0xff;
    return Array.from({ length: WINDOW }, (_, i) => {
      const packet = mutate(this.#random.pick(FLOOD_QUERIES), "message", PACKET_SIZE_MAX, material);
      if (packet.length > 1) packet.set([epoch, i]);
      return packet;
    });
  }

  #check(packets: readonly Uint8Array[], isAnswered: Uint8Array, reply: Buffer): void {
    const query = packets[reply[1]!];
    const isOurs = query !== undefined && query[0] === reply[0] && wantsReply(query);
    if (!isOurs || isAnswered[reply[1]!]! > 0) {
      this.#addFault(`a reply to nothing: ${hex(reply)}`);
      return;
    }
    isAnswered[reply[1]!] = 1;
    if (reply.length > EDNS_SIZE || (reply[2]! & 0x80) === 0) this.#addFault(`${hex(query)} gets ${hex(reply)}`);
    if (this.#random.below(SAMPLE) > 0) return;
    try {
      checkReply(readAsked(query), reply, "udp", EDNS_SIZE);
    } catch (error) {
      this.#addFault(`${hex(query)} gets ${hex(reply)}: ${(error as Error).message}`);
    }
  }

  #addFault(fault: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(fault);
  }
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}
