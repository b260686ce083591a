// The transport contract for UDP in batches. As in a server, the TCP listener of the same address is opened first: it
// takes the free port and keeps other processes from sharing it.
import { describe, test } from "vitest";
import type { LateAnswerer } from "../../src/answer/answerer.ts";
import type { ListenAddress } from "../../src/net/listen-address.ts";
import { openListeners } from "../../src/server/listen.ts";
import type { Transport, TransportEvents } from "../../src/server/transport.ts";
import { ANSWERERS } from "../support/batch/answerers.ts";
import type { AnswererName } from "../support/batch/answerers.ts";
import { openBatch, reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { connectUdp, LateEcho } from "./transport-clients.ts";
import { describeTransport } from "./transport-suite.ts";

async function open(address: ListenAddress, answerer: LateAnswerer, events: TransportEvents): Promise<Transport> {
  const names = Object.keys(ANSWERERS) as AnswererName[];
  // What is handed over comes back to this thread, and so to the answerer itself.
  const name = answerer instanceof LateEcho ? "mixed" : names.find((each) => ANSWERERS[each] === answerer);
  if (name === undefined) throw new Error("an answerer that a worker can't be told of");
  const listeners = await openListeners([address], answerer, {
    ...events,
    openUdp: (at) =>
      openBatch(at, name, {
        ...events,
        workerCount: 2,
        answerLate: (query, client) => answerer.answerLate(query, client),
      }),
  });
  return { address: listeners.addresses[0]!, counts: {}, close: () => listeners.close() };
}

const reason = reasonAgainstBatches();
if (reason === undefined) {
  describeTransport("UDP in batches", {
    open,
    connect: connectUdp,
    replySizeMax: 65_507,
    datagrams: {
      querySizeMax: 4096,
      openWildcard: (address, _local, answerer) =>
        open(address, answerer, {
          onFault(fault) {
            throw fault;
          },
        }),
    },
  });
} else {
  describe("UDP in batches", () => test.skip(reason, () => undefined));
}
