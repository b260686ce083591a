// The transport contract for UDP on node:dgram.
import type { NetworkInterfaceInfo } from "node:os";
import type { ListInterfaces } from "../../src/net/listen-address.ts";
import { openUdp } from "../../src/server/udp-dgram.ts";
import { connectUdp } from "./transport-clients.ts";
import { describeTransport } from "./transport-suite.ts";

function interfacesWith(addresses: readonly string[]): ReturnType<ListInterfaces> {
  return {
    lo: addresses.map((address): NetworkInterfaceInfo => {
      const common = { address, netmask: "", mac: "", internal: true, cidr: null };
      return address.includes(":") ? { ...common, family: "IPv6", scopeid: 0 } : { ...common, family: "IPv4" };
    }),
  };
}

describeTransport("UDP on node:dgram", {
  open: openUdp,
  connect: connectUdp,
  replySizeMax: 65_507,
  datagrams: {
    querySizeMax: 65_507,
    openWildcard: (address, local, answerer) =>
      openUdp(address, answerer, {
        listInterfaces: () => interfacesWith(local),
        onFault(fault) {
          throw fault;
        },
      }),
  },
});
