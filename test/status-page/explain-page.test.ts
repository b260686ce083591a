// The page of an explanation, and what leads to it. What explanations say is tested in explain/.
import { describe, expect, test } from "vitest";
import { createStatusPage } from "../../src/status-page/status-page.ts";
import { explained } from "../support/explained.ts";
import { port, service } from "../support/core/objects.ts";
import { onFault, ScriptedStatus } from "./scripted-status.ts";

interface Got {
  readonly code: number;
  readonly html: string;
  /** Without tags, white space made single. */
  readonly text: string;
}

async function get(path: string, status = new ScriptedStatus()): Promise<Got> {
  const response = await createStatusPage(status, onFault).app.request(path);
  const html = await response.text();
  const text = html.replace(/<[^>]*>/g, " ").replace(/[ \n]+/g, " ");
  return { code: response.status, html, text };
}

/** Where the links of a page lead that have this text; `&amp;` is spelled as it is meant. */
function linksTo({ html }: Got, text: string): readonly string[] {
  const links = [...html.matchAll(/<a href="([^"]*)">(.*?)<\/a>/g)];
  return links.filter(([, , shown]) => shown === text).map(([, href]) => href!.replaceAll("&amp;", "&"));
}

/** The value of a field of the form. */
function valueOf({ html }: Got, field: string): string | undefined {
  return new RegExp(`<input name="${field}" value="([^"]*)"`).exec(html)?.[1];
}

describe("an explanation shows", () => {
  test.each<[what: string, path: string, texts: readonly string[]]>([
    [
      "that a name resolves, the records, and the way to its service",
      "name=web&from=prod",
      [
        "✓ web resolves to 10.96.0.20: service web in namespace prod",
        "asked by namespace prod at 10.244.0.1 search list: prod.svc.cluster.local svc.cluster.local cluster.local",
        "1.\u00a0web.prod.svc.cluster.local. ✓ A: NOERROR AAAA: no records decided by the cluster cluster.local",
        "Records Name Type Data TTL (seconds) web.prod.svc.cluster.local. A 10.96.0.20 30",
        "Service prod/ web Place source test",
        "Address 10.96.0.20 Selector app=web",
        "http 80/TCP 80 _http._tcp.web.prod.svc.cluster.local.",
        "The selector matches no pod.",
      ],
    ],
    [
      "that it does not, each candidate in order, and hints",
      "name=cart&from=prod",
      [
        "✗ cart does not resolve: no service cart in namespace prod",
        "Hints a service cart is in namespace shop: cart.shop.svc.cluster.local",
        "1.\u00a0cart.prod.svc.cluster.local. the sentence above is about this name ! A, AAAA: NXDOMAIN no service cart in namespace prod",
        "2.\u00a0cart.svc.cluster.local. ! A, AAAA: NXDOMAIN no such namespace: cart",
        "3.\u00a0cart.cluster.local.",
        "4.\u00a0cart.",
      ],
    ],
    [
      "why pods are not ready, and the EndpointSlices",
      "name=idle.prod.svc.cluster.local.&type=A",
      [
        "✗ idle.prod.svc.cluster.local. does not resolve",
        "no ready endpoint, 1 not ready",
        "no search list",
        "http 80/TCP 80 none: no endpoint is ready",
        "idle-0 source test 10.244.0.7 ✗ not ready its condition Ready is not True, or it is being deleted",
        "10-244-0-7 10.244.0.7 idle-0 ✗ not ready follows from the objects above",
      ],
    ],
    ["the ports of SRV records", "name=db.prod&type=SRV", ["sql 5432/TCP 5432 _sql._tcp.db.prod.svc.cluster.local."]],
    ["an alias", "name=mail.prod&type=CNAME", ["✓ mail.prod resolves", "External name mail.example.com"]],
  ])("%s", async (_, query, texts) => {
    const { code, text } = await get(`/explain?${query}`);
    expect(code).toBe(200);
    for (const each of texts) expect(text).toContain(each);
  });

  test("the same sentence as the API, in its title the answer", async () => {
    const { sentence } = await explained({ name: "db-1.db", from: "prod/db-0" });
    const { html, text } = await get("/explain?name=db-1.db&from=prod/db-0");
    expect(text).toContain(sentence);
    expect(html).toContain("<title>db-1.db does not resolve – cluster-dns</title>");
  });

  test("links to the service and its pods", async () => {
    const page = await get("/explain?name=db&from=prod");
    expect(linksTo(page, `<span class="namespace">prod/</span>db`)).toEqual(["services/cluster.local/prod/db"]);
    const file = "resolv-conf?pod=prod%2Fdb-0&cluster=cluster.local";
    // As a pod, and as an endpoint.
    expect(linksTo(page, "db-0")).toEqual([file, file]);
  });

  test("that names are forwarded, where nobody was asked", async () => {
    const status = new ScriptedStatus();
    const forwarded = await explained({ name: "example.com." }, { upstream: ["192.0.2.1"] });
    status.explain = () => Promise.resolve(forwarded);
    const { text } = await get("/explain?name=example.com.", status);
    expect(text).toContain("! example.com. is forwarded to 192.0.2.1; nobody was asked.");
    expect(text).toContain("! A, AAAA: forwarded, and nobody was asked");
  });

  test("of very many records the first hundred", async () => {
    const status = new ScriptedStatus();
    const few = await explained({ name: "web", type: "A", from: "prod" });
    const [candidate] = few.candidates;
    const records = Array.from({ length: 2_102 }, (_, i) => `web. 30 IN A 10.0.${i >> 8}.${i & 255}`);
    const many = { ...candidate!, replies: [{ ...candidate!.replies[0]!, records }] };
    status.explain = () => Promise.resolve({ ...few, candidates: [many] });
    const { text } = await get("/explain?name=web", status);
    expect(text).toContain("10.0.0.99");
    expect(text).not.toContain("10.0.0.100");
    expect(text).toContain("and 2,002 more");
  });
});

describe("a fault", () => {
  test.each<[query: string, code: number, fault: string]>([
    ["name=", 400, "name is missing"],
    ["name=a..b&type=SRV&from=prod", 400, "&quot;a..b&quot; is not a DNS name"],
    [`name=${"a".repeat(256)}`, 400, "name has more than 255 bytes"],
    ["name=web&type=AAAAA", 400, "&quot;AAAAA&quot; is not a record type"],
    ["name=web&from=a/b/c", 400, "is not a NAMESPACE, a pod as NAMESPACE/NAME, or an IP address"],
    ["name=web&from=prod/db-9", 404, "there is no pod prod/db-9; nearest: prod/db-0"],
  ])("%s is told with status %d, and what was typed is kept", async (query, code, fault) => {
    const page = await get(`/explain?${query}`);
    expect(page.code).toBe(code);
    expect(/<p role="alert".*<\/p>/.exec(page.html)![0]).toContain(fault);
    for (const [field, value] of new URLSearchParams(query)) expect(valueOf(page, field)).toBe(value);
  });

  test("a busy server says so", async () => {
    const status = new ScriptedStatus();
    status.busy = "4 explanations are under way: try again";
    const page = await get("/explain?name=web", status);
    expect(page.code).toBe(503);
    expect(page.text).toContain("Not explained: 4 explanations are under way: try again.");
    expect(valueOf(page, "name")).toBe("web");
  });
});

test("nothing asked: the form alone", async () => {
  const { code, html, text } = await get("/explain");
  expect(code).toBe(200);
  expect(text).toContain("Why a name resolves or not");
  expect(html).not.toMatch(/role="alert"|<section/);
});

describe("leads to it:", () => {
  const objects = [service("shop/web", { clusterIPs: ["10.96.0.10"], ports: [port("http", 80)] })];
  const status = new ScriptedStatus(objects);
  const problem = { code: "c", severity: "error", message: "m", advice: "a" } as const;
  status.found = [
    { ...problem, object: "Service shop/web" },
    { ...problem, object: "Pod shop/web-0" },
  ];
  for (const name of ["fronted.shop.svc.cluster.local.", `a${"b".repeat(255)}.`])
    status.counter.count({ name, client: "10.244.1.7", isMissing: true, weight: 1 }, 0);

  test("the form of the first page", async () => {
    expect((await get("/", status)).html).toContain('<form class="row fields" action="explain">');
  });

  test("problems of services", async () => {
    const page = await get("/", status);
    expect(linksTo(page, "Explain web.shop")).toEqual(["explain?name=web.shop&from=shop"]);
    expect(page.text.match(/Explain [a-z-]+\./g)).toHaveLength(1);
  });

  test("names that do not exist, unless they can't be asked for", async () => {
    const page = await get("/", status);
    const name = "fronted.shop.svc.cluster.local.";
    expect(linksTo(page, name)).toEqual([`explain?name=${name}`]);
    expect(page.html).not.toContain("name=abbb");
  });

  test("the page of a service", async () => {
    const page = await get("/services/cluster.local/shop/web", status);
    const query = "name=web.shop.svc.cluster.local.&from=shop";
    expect(linksTo(page, "Explain this name")).toEqual([`../../../explain?${query}`]);
    expect(linksTo(page, "Explain web.shop")).toEqual(["../../../explain?name=web.shop&from=shop"]);
  });

  test("queries without records as they come, with who asked", async () => {
    const { app } = createStatusPage(status, onFault);
    const { body } = await app.request("/events?queries=1");
    const reader = body!.getReader();
    // The first message is of the page as it was.
    await reader.read();
    const lost = { name: "nope.shop.", type: "SRV", rcode: "NXDOMAIN" };
    status.ask({ ...lost, pod: "shop/web-0" });
    status.ask({ ...lost, client: "10.244.1.9" });
    status.ask({ name: "web.shop.", cause: "no-type", pod: "shop/web-0" });
    status.ask({ name: "found.shop.", pod: "shop/web-0" });
    status.ask({ name: "", type: "", rcode: "FORMERR" });
    const message = new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    const queries = JSON.parse(message.slice(message.indexOf("data: ") + "data: ".length)) as {
      name: string;
      items: Record<string, string>;
    }[];
    const { items } = queries.find(({ name }) => name === "queries")!;
    const hrefs = Object.values(items).flatMap((html) =>
      [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!),
    );
    expect(hrefs.toSorted()).toEqual([
      "explain?name=nope.shop.&amp;type=SRV&amp;from=10.244.1.9",
      "explain?name=nope.shop.&amp;type=SRV&amp;from=shop%2Fweb-0",
      "explain?name=web.shop.&amp;type=A&amp;from=shop%2Fweb-0",
    ]);
  });
});
