// Answers over UDP that are larger than those of others, for clients that are near: by both ways of UDP.
import { describe, expect, test } from "vitest";
import { headless } from "../../src/main.ts";
import { startEngine } from "../support/engine.ts";
import { UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const ENDPOINTS = 100;
const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => `10.244.0.${i + 1}`);
const query = writeQuery({ name: "web.default.svc.cluster.local.", type: "A", opt: { size: 4096 } });

describe.each(["batch", "dgram"] as const)("%s", (udpTransport) => {
  test.each([
    [1232, true],
    [4096, false],
  ])("of %i bytes", async (ednsSizeLocal, isCut) => {
    const objects = headless({ name: "web", endpoints }).items;
    const server = startEngine({ objects, udpTransport, ednsSizeLocal });
    const [address] = await server.ready;
    const client = await UdpClient.open(address!);
    try {
      const { flags, answer } = readMessage(await client.ask(query));
      expect(flags.tc).toBe(isCut);
      if (!isCut) expect(answer).toHaveLength(ENDPOINTS);
    } finally {
      client.close();
      await server.close();
    }
  });
});
