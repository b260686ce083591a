// Section B, names: labels are bytes, of which only A to Z have two cases; and what becomes of streams and datagrams
// that no message is in. RFC 4343, RFC 1035 2.3.3.
import { expect } from "vitest";
import { readMessage, writeQuery } from "../support/wire.ts";
import { isAlive } from "./links.ts";
import { hex, ID, KUBERNETES, message, ZONE } from "./packets.ts";
import { conformanceSuite, type AskedWay } from "./suite.ts";

const { over } = conformanceSuite();

/** The bytes of a name in the fixture's namespace `default`, from labels as bytes. */
function serviceQuestion(...labels: readonly Buffer[]): Buffer {
  const suffix = hex("0764656661756c74 03737663 07636c7573746572 056c6f63616c 00 00010001");
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), suffix]);
}

async function expectMissing(link: AskedWay, asked: Buffer): Promise<void> {
  const reply = readMessage(await link.ask(message(0, [1, 0, 0, 0], asked)));
  expect(reply, asked.toString("latin1")).toMatchObject({ rcode: "NXDOMAIN", answer: [] });
  expect(reply.questionBytes.equals(asked)).toBe(true);
}

over("all", ({ check }) => {
  check("B28", async (link) => {
    const suffix = hex("03737663 07636c7573746572 056c6f63616c 00 00010001");
    const joined = Buffer.from("kubernetes.default");
    await expectMissing(link, Buffer.concat([Buffer.from([joined.length]), joined, suffix]));
  });

  check("B29", async (link) => {
    await expectMissing(link, serviceQuestion(hex("6b 00 6b")));
    await expectMissing(link, serviceQuestion(Buffer.from("kubernetes\0")));
  });

  check("B30", async (link) => {
    const others = [
      // Latin letters with accents, and the sign for kelvin, which is k in lower case to Unicode.
      hex("c389"),
      hex("e3a9"),
      Buffer.concat([hex("e284aa"), Buffer.from("ubernetes")]),
      Buffer.concat([hex("eb"), Buffer.from("ubernetes")]),
      // A digit and a dash less the bit that tells upper from lower case.
      hex("680d30"),
    ];
    for (const label of others) await expectMissing(link, serviceQuestion(label));
    await expectMissing(link, serviceQuestion(hex("68 0d 30"), Buffer.from("headless")));
    await expectMissing(link, serviceQuestion(hex("68 2d 10"), Buffer.from("headless")));
  });

  check("B31", async (link) => {
    const name = "KuBeRnEtEs.DeFaUlT.sVc.ClUsTeR.lOcAl.";
    const query = writeQuery({ name, type: "A", id: ID });
    const reply = readMessage(await link.ask(query));
    expect(reply.answer.map(({ rdata }) => rdata)).toEqual(["10.96.0.1"]);
    expect(reply.questionBytes.equals(readMessage(query).questionBytes)).toBe(true);
    expect([name, KUBERNETES]).toContain(reply.answer[0]!.owner);
  });

  check("B32", async (link) => {
    for (const word of ["constructor", "toString", "tostring", "__proto__", "hasOwnProperty", "valueof"]) {
      for (const name of [`${word}.default.svc.${ZONE}`, `${word}.svc.${ZONE}`, `${word}.${ZONE}`]) {
        const reply = readMessage(await link.ask(writeQuery({ name, type: "A", id: ID })));
        expect(reply, name).toMatchObject({ rcode: "NXDOMAIN", answer: [] });
      }
    }
    expect(await isAlive(link)).toBe(true);
  });
});
