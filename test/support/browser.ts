// A Chromium of this machine for tests of pages, driven by playwright-core; nothing is downloaded. A test without one is
// skipped by `whyNot("chromium")`.
import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

/** As Debian, Ubuntu and their users call it; the first one is the smallest. */
const CHROMIUM_NAMES = ["chromium-headless-shell", "chromium", "google-chrome"] as const;

/** Starts a browser; close it after use. */
export function openBrowser(): Promise<Browser> {
  const find = CHROMIUM_NAMES.map((name) => `command -v ${name}`).join(" || ");
  const { stdout } = spawnSync("/bin/sh", ["-c", find], { encoding: "utf8" });
  // Its own sandbox needs rights that root in a container lacks; the pages are this project's.
  return chromium.launch({ executablePath: stdout.trim(), args: ["--no-sandbox"] });
}
