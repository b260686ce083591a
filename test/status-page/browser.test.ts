// The status page in a real browser: live, by keyboard, at all sizes, in both colour schemes, and safe.
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { externalName, port, service, slice } from "../support/core/objects.ts";
import { put, remove } from "../support/core/origins.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { ScriptedStatus } from "./scripted-status.ts";
import { serveStatus } from "./serve-status.ts";
import type { ServedStatus } from "./serve-status.ts";

const missing = whyNot("chromium");
const HOSTILE = `<img src=x onerror="globalThis.isHacked = true">\u0007`;

const endpoint = (number: number, ready: boolean) => ({
  addresses: [`10.244.1.${number}`],
  ready,
  podName: `web-${number}`,
});
const webSlice = (...ready: readonly boolean[]) =>
  slice("shop/web", { endpoints: ready.map((each, i) => endpoint(i, each)), ports: [port("http", 8080)] });

function sampleStatus(): ScriptedStatus {
  const status = new ScriptedStatus([
    service("shop/web", { clusterIPs: ["10.96.0.10"], ports: [port("http", 80), port("metrics", 9090)] }),
    webSlice(true, false),
    service("shop/db", { headless: true }),
    externalName("shop/pay", "api.example.com"),
    ...Array.from({ length: 60 }, (_, i) => service(`team/service-${i}`, { clusterIPs: [`10.97.0.${i}`] })),
  ]);
  status.state.sources = [{ id: "kubernetes", state: "stale", ageSeconds: 75, reason: "connect ECONNREFUSED" }];
  status.upstreamRows = [{ domain: ".", upstream: "192.0.2.1", state: "dead", rttMs: 4.2, queries: 7, failed: 7 }];
  status.found = ["error", "warning", "hint"].map((severity) => ({
    code: "some-code",
    severity: severity as "error",
    message: "a rather long message about something that is not as it should be",
    advice: "change it",
    place: { file: "manifests/a-folder/with-a-long-name/deployment.yaml", line: 12, column: 3 },
  }));
  for (const name of ["web.shop.svc.cluster.local.", HOSTILE])
    status.counter.count({ name, client: "10.244.1.7", isMissing: true, weight: 1 }, 0);
  for (let second = 0; second < 60; second++) {
    const byRcode = { NOERROR: second ** 2, NXDOMAIN: 5 * second, SERVFAIL: second, REFUSED: second, FORMERR: second };
    status.history.sample(second * 1_000, { byRcode, latency: [{ maxUs: 10, count: second }] });
  }
  return status;
}

skipAll(missing);

let browser: Browser;
let server: ServedStatus;
let status: ScriptedStatus;
let url: string;
let page: Page;
/** What the browser says: refused scripts and styles, exceptions, failed loads. */
let complaints: string[];

beforeAll(async () => {
  if (missing === undefined) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  if (missing !== undefined) return;
  status = sampleStatus();
  server = await serveStatus(status);
  url = server.url;
  page = await browser.newPage();
  complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
});
afterEach(async () => {
  await page?.context().close();
  await server?.close();
});

const row = (key: string) => page.locator(`[data-key="${key}"]`);
const serviceRow = (name: string) => row(`${name} cluster.local`);

/** Rules that the page, or a part of it, breaks, of all that axe-core has. */
async function accessibilityFaults(part = "html"): Promise<string[]> {
  // By the debugger: the page's own policy lets no script in.
  await page.evaluate(axe.source);
  const options = JSON.stringify({ resultTypes: ["violations"] });
  const { violations } = (await page.evaluate(`axe.run("${part}", ${options})`)) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  test.each([
    "?query=shop",
    "services/cluster.local/shop/web",
    "resolv-conf?pod=shop",
    "explain?name=idle&from=prod",
    "explain?name=web.prod&from=prod/db-0",
    "explain?name=a..b",
  ])("axe-core: nothing at /%s", async (path) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(url + path);
    expect(await accessibilityFaults()).toEqual([]);
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(colorScheme === "light" ? "rgb(245, 246, 248)" : "rgb(20, 23, 27)");
  });
});

test.each([320, 768, 1280, 3840])("fits a window of %d pixels", async (width) => {
  await page.setViewportSize({ width, height: 800 });
  for (const path of [
    "services/cluster.local/shop/web",
    "resolv-conf?pod=shop",
    "?query=shop",
    `explain?name=${"a-long-label".repeat(5)}.prod`,
    "explain?name=idle&from=prod",
  ]) {
    await page.goto(url + path);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    if (width === 320) expect(await accessibilityFaults()).toEqual([]);
  }
});

test("shows changes without a reload, and keeps the focus where it is", async () => {
  await page.goto(url);
  await serviceRow("shop/web").getByText("1 of 2").waitFor();
  await page.evaluate("globalThis.isSamePage = true");
  await page.locator('a[href="services/cluster.local/shop/web"]').focus();
  status.registry.apply([put(webSlice(true, true)), remove("Service shop/db"), put(service("shop/new"))]);
  status.found = [];
  status.state.ready = false;
  status.state.reasons = ["source kubernetes has not synced"];
  await serviceRow("shop/web").getByText("2 of 2").waitFor();
  await serviceRow("shop/new").waitFor();
  await page.getByText("There are no problems.").waitFor();
  await page.getByText("Not ready").waitFor();
  await page.getByText("source kubernetes has not synced").waitFor();
  expect(await serviceRow("shop/db").count()).toBe(0);
  expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("services/cluster.local/shop/web");
  expect(await page.evaluate("globalThis.isSamePage")).toBe(true);
  expect(complaints).toEqual([]);
});

test("a service's page follows the service until it has gone", async () => {
  await page.goto(url);
  await page.getByRole("link", { name: "shop/web" }).click();
  await page.getByRole("heading", { name: "Service shop/web" }).waitFor();
  await row("web-1").getByText("not ready").waitFor();
  status.registry.apply([put(webSlice(true, true))]);
  await row("web-1").getByText("ready", { exact: true }).waitFor();
  status.registry.apply([remove("Service shop/web")]);
  await page.getByText("This service does not exist any more.").waitFor();
  expect(complaints).toEqual([]);
});

test("the search works by keyboard, as one types, and can be shared", async () => {
  await page.goto(url);
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the contents");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.id")).toBe("query");
  await page.keyboard.type("10.97.0.42");
  await page.getByText("1 service", { exact: true }).waitFor();
  await serviceRow("team/service-42").waitFor();
  expect(await page.locator('[data-section="services"] > tr').count()).toBe(1);
  expect(page.url()).toBe(`${url}?query=10.97.0.42`);
  await page.reload();
  await serviceRow("team/service-42").waitFor();
  await page.keyboard.press("Control+L");
  await page.fill("#query", "");
  await page.getByLabel("only without a ready endpoint").check();
  await page.getByText("61 services, page 1 of 3").waitFor();
  await page.getByRole("link", { name: "next" }).click();
  await page.getByText("page 2 of 3").waitFor();
  expect(page.url()).toContain("?unready=1&page=2");
  expect(complaints).toEqual([]);
});

test("a name is explained by keyboard, from the first page to the service", async () => {
  await page.goto(url);
  await page.getByLabel("Name", { exact: true }).focus();
  await page.keyboard.type("idle");
  await page.keyboard.press("Tab");
  await page.keyboard.type("A");
  await page.keyboard.press("Tab");
  await page.keyboard.type("prod/db-0");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "idle does not resolve" }).waitFor();
  expect(page.url()).toBe(`${url}explain?name=idle&type=A&from=prod%2Fdb-0`);
  expect(await page.title()).toBe("idle does not resolve – cluster-dns");
  expect(await page.getByLabel("Asked by").inputValue()).toBe("prod/db-0");
  const names = await page.getByRole("table", { name: "Names that are asked for" }).getByRole("rowheader").all();
  expect(await names[0]!.textContent()).toContain("1.\u00a0idle.prod.svc.cluster.local.");
  expect(await page.getByRole("link", { name: "prod/idle" }).getAttribute("href")).toBe(
    "services/cluster.local/prod/idle",
  );
  expect(complaints).toEqual([]);
});

test("a name that was asked and does not exist leads to its explanation", async () => {
  await page.goto(url);
  await page.getByLabel("Show queries as they come").check();
  await expect.poll(() => status.watchers.size).toBe(1);
  status.ask({ name: "nope.prod.svc.cluster.local.", rcode: "NXDOMAIN", pod: "prod/db-0" });
  await page.getByRole("link", { name: "nope.prod.svc.cluster.local." }).click();
  await page.getByText("no service nope in namespace prod").first().waitFor();
  expect(await page.getByLabel("Asked by").inputValue()).toBe("prod/db-0");
  expect(complaints).toEqual([]);
});

test("without scripts the search works, too", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(url);
  await plain.fill("#query", "pay");
  await plain.getByRole("button", { name: "Search" }).click();
  await plain.getByText("api.example.com").waitFor();
  await plain.getByLabel("Name", { exact: true }).fill("db.prod");
  await plain.getByRole("button", { name: "Explain" }).click();
  await plain.getByRole("heading", { name: "db.prod resolves" }).waitFor();
  await context.close();
});

test("queries are shown only while one watches, as they are and not as code", async () => {
  await page.goto(url);
  await serviceRow("shop/web").waitFor();
  expect(status.watchers.size).toBe(0);
  await page.getByLabel("Show queries as they come").check();
  await expect.poll(() => status.watchers.size).toBe(1);
  status.ask({ name: "web.shop.svc.cluster.local." });
  await page.getByText("1 shown, 0 left out").waitFor();
  expect(await accessibilityFaults(".part-queries")).toEqual([]);
  for (let i = 0; i < 40; i++) status.ask({ name: `${HOSTILE}${i}`, rcode: "NXDOMAIN" });
  await page.getByText("26 shown, 15 left out").waitFor();
  const names = await page.locator('[data-section="queries"] > tr > th').allTextContents();
  expect(names).toHaveLength(26);
  expect(names[0]).toBe(`<img src=x onerror="globalThis.isHacked = true">\\u{7}24`);
  expect(await page.evaluate("globalThis.isHacked")).toBe(undefined);
  await page.getByLabel("Show queries as they come").uncheck();
  await expect.poll(() => status.watchers.size).toBe(0);
  expect(complaints).toEqual([]);
});

test("says that it is not connected, and comes back", async () => {
  await page.goto(url);
  await serviceRow("shop/web").waitFor();
  await server.close();
  await page.getByText("Not connected: what you see may be old.").waitFor();
  status.registry.apply([put(service("shop/new"))]);
  server = await serveStatus(status, server.port);
  await serviceRow("shop/new").waitFor();
  expect(await page.locator("#connection").textContent()).toBe("");
});
