import { Packet } from "dns2";
import { expect, test } from "vitest";
import { formatReply } from "../../src/cli/format-reply.ts";

type Resource = Packet["answers"][number];

/** Encodes one answer and decodes it again, as `query` gets it from the network. */
function formatAnswer(record: Partial<Resource>): string {
  const packet = new Packet();
  packet.header.qr = 1;
  packet.answers.push({ name: "a.b", class: 1, ttl: 5, ...record } as Resource);
  const lines = formatReply(Packet.parse(packet.toBuffer()), "here").split("\n");
  return lines[2] ?? "";
}

test.each<[Partial<Resource>, string]>([
  [{ type: 1, address: "10.0.0.1" }, "A\t10.0.0.1"],
  [{ type: 28, address: "fd00:0:0:1::a" }, "AAAA\tfd00:0:0:1::a"],
  [{ type: 2, ns: "ns.b" }, "NS\tns.b."],
  [{ type: 5, domain: "c.b" }, "CNAME\tc.b."],
  [{ type: 12, domain: "c.b" }, "PTR\tc.b."],
  [{ type: 15, priority: 10, exchange: "mx.b" }, "MX\t10 mx.b."],
  [{ type: 33, priority: 0, weight: 50, port: 80, target: "" }, "SRV\t0 50 80 ."],
  [{ type: 16, data: ["1.1.0", 'two "words" \\'] }, 'TXT\t"1.1.0" "two \\"words\\" \\\\"'],
  [{ type: 16, data: ["\u001b[31mé"] }, 'TXT\t"\\027[31m\\195\\169"'],
  [{ type: 5, domain: "we;ird\u001b@na\u0000me.b" }, "CNAME\twe\\;ird\\027\\@na\\000me.b."],
  [{ type: 999, data: Buffer.from([1, 2, 255]) as unknown as string }, "TYPE999\t\\# 3 0102ff"],
])("%j", (record, text) => {
  expect(formatAnswer(record)).toBe(`a.b.\t5\tIN\t${text}`);
});

test("the first lines: rcode, flags, question; an OPT record is not shown", () => {
  const packet = new Packet();
  Object.assign(packet.header, { qr: 1, tc: 1, rd: 1, ra: 1, ad: 1, cd: 1, rcode: 5 });
  packet.questions.push(new Packet.Question({ name: "", type: 257, class: 1 }));
  packet.additionals.push(Packet.Resource.EDNS([]));
  expect(formatReply(Packet.parse(packet.toBuffer()), "127.0.0.1:53 over UDP")).toBe(
    "; REFUSED, flags: qr tc rd ra ad cd; from 127.0.0.1:53 over UDP\n; question: . IN CAA\n",
  );
});

test.each([
  [0, "NOERROR"],
  [4, "NOTIMP"],
  [9, "NOTAUTH"],
  [16, "BADVERS"],
  [23, "RCODE23"],
])("rcode %d is %s", (rcode, name) => {
  const packet = new Packet();
  packet.header.rcode = rcode;
  expect(formatReply(packet, "here")).toMatch(new RegExp(`^; ${name}, `));
});
