// Starts a browser that may talk to one host only, and watches what it asks for.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = process.env.OPENGATE_NODE_MODULES || path.join(here, "node_modules");
const require = createRequire(path.join(modules, "anything.js"));

/**
 * Opens a page of 320 × 640 CSS pixels, the width of a small phone. Requests to another origin are refused and kept
 * in `strangers`; errors that scripts throw are kept in `thrown`.
 */
export async function open({ base, js = true, lang = "en" }) {
  const { chromium } = require("playwright-core");
  const browser = await chromium.launch({
    executablePath: process.env.OPENGATE_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const context = await browser.newContext({
    javaScriptEnabled: js,
    locale: lang,
    viewport: { width: 320, height: 640 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const origin = new URL(base).origin;
  const strangers = [];
  const thrown = [];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (new URL(url).origin === origin) return route.continue();
    strangers.push(url);
    return route.abort();
  });
  page.on("pageerror", (e) => thrown.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of 422/.test(m.text())) thrown.push(m.text());
  });
  const inspect = js ? () => accessibility(page) : await copyInspector(browser, page);
  return { browser, page, strangers, thrown, inspect };
}

/**
 * Accessibility rules cannot be checked where scripts are off, because the checker is one. A second page shows the
 * same HTML and styles, without the site's scripts, and is checked instead.
 */
async function copyInspector(browser, page) {
  const context = await browser.newContext({ viewport: page.viewportSize() });
  const copy = await context.newPage();
  let html = "";
  await context.route("**/*", (route) => {
    switch (route.request().resourceType()) {
      case "document":
        return route.fulfill({ contentType: "text/html; charset=utf-8", body: html });
      case "script":
        return route.abort();
      default:
        return route.continue();
    }
  });
  return async () => {
    html = await page.content();
    await copy.goto(page.url());
    return accessibility(copy);
  };
}

let axeSource;

/** Names the accessibility rules (WCAG 2.2 AA and best practice) that the page breaks, with the first element of each. */
async function accessibility(page) {
  axeSource ??= await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axeSource + "; undefined");
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return found.violations.map((v) => `${v.id}: ${v.nodes[0].target.join(" ")}`);
  });
}
