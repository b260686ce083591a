// Makes the pictures of docs/: starts a server of the examples, asks it for two minutes, and takes pictures of its status
// page. Run it with `node tools/screenshots.ts` after a change of the page; it needs a Chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openBrowser } from "../test/support/browser.ts";
import { writeQuery } from "../test/support/wire.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const IMAGES = `${ROOT}docs/images/`;
/** Then the charts are full. */
const FILLED_MS = 125_000;
const ASKED_MS = 135_000;
/** Some that do not exist, and one for which there is no upstream. */
const NAMES = [
  ...Array.from({ length: 8 }, () => "frontend.shop.svc.cluster.local"),
  ...Array.from({ length: 5 }, () => "redis.shop-data.svc.cluster.local"),
  ...Array.from({ length: 3 }, () => "checkout.shop.svc.cluster.local"),
  "web.default.svc.cluster.local",
  "_redis._tcp.redis.shop-data.svc.cluster.local",
  "fronted.shop.svc.cluster.local",
  "checkout.default.svc.cluster.local",
  "api.example.com",
];

/** What a picture shows. */
interface Shot {
  readonly file: string;
  /** Below the first page. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
}

const SHOTS: readonly Shot[] = [
  { file: "status-page.png", path: "", width: 1000, height: 680, colorScheme: "light" },
  { file: "status-page-narrow.png", path: "", width: 390, height: 680, colorScheme: "dark" },
  { file: "explain-page.png", path: "explain?name=redis&from=shop", width: 1000, height: 560, colorScheme: "light" },
];

/** Asks queries at a rate that rises and falls. */
async function ask(port: number): Promise<void> {
  const socket = createSocket("udp4");
  const end = performance.now() + ASKED_MS;
  for (let now = performance.now(); now < end; now = performance.now()) {
    const count = 6 + Math.round(4 * Math.sin(now / 9_000));
    for (let i = 0; i < count; i++) {
      const name = NAMES[Math.floor(Math.random() * NAMES.length)]!;
      socket.send(writeQuery({ name, type: "A", id: i }), port, "127.0.0.1");
    }
    await pause(20);
  }
  socket.close();
}

async function takeShots(url: string): Promise<void> {
  const browser = await openBrowser();
  for (const { file, path, width, height, colorScheme } of SHOTS) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(new URL(path, url).href);
    // Live by then.
    await page.waitForTimeout(1_500);
    writeFileSync(IMAGES + file, await page.screenshot());
    await page.close();
  }
  await browser.close();
}

const paths = ["examples/shop", "zones"].map((path) => ROOT + path);
const flags = ["--listen", "127.0.0.1:0", "--admin", "0", "--upstream", "none"];
const server = spawn(`${ROOT}bin/cluster-dns`, ["serve", ...paths, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
for await (const line of createInterface(server.stdout)) {
  const { msg, addresses, admin } = JSON.parse(line) as { msg: string; addresses: string[]; admin: string[] };
  if (msg !== "serving") continue;
  const asked = ask(Number(addresses[0]!.split(":").at(-1)));
  await pause(FILLED_MS);
  await takeShots(admin[0]!);
  await asked;
  server.kill();
}
await once(server, "close").catch(() => undefined);
