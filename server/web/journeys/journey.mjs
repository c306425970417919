// Walks through a survey, or withdraws an answer, and prints what happened as one JSON object on the last line.
//
//   node journey.mjs fill     --base http://localhost:8080 --path /uk/s/demo --lang uk [--no-js] [--partial]
//   node journey.mjs withdraw --base http://localhost:8080 --path /uk/withdraw --lang uk --receipt XXXX-XXXX [--no-js]
//
// Exit code 1 and a sentence on stderr when the journey cannot be finished.
import { parseArgs } from "node:util";
import { open } from "./browser.mjs";
import { fill } from "./fill.mjs";

const mostPages = 80;

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: "string" },
    path: { type: "string" },
    lang: { type: "string" },
    receipt: { type: "string" },
    "no-js": { type: "boolean", default: false },
    partial: { type: "boolean", default: false }, // send after the third page
  },
});

const journeys = { fill: fillIn, withdraw };

async function main() {
  const walk = journeys[positionals[0]];
  if (!walk || !args.base || !args.path || !args.lang) throw new Error("usage: see the head of journey.mjs");
  const b = await open({ base: args.base, js: !args["no-js"], lang: args.lang });
  const seen = []; // one entry for each page
  try {
    const response = await b.page.goto(new URL(args.path, args.base).href);
    if (!response.ok()) throw new Error(`${args.path} answered ${response.status()}`);
    const result = await walk(b, seen);
    console.log(JSON.stringify({ ...result, pages: seen, strangers: b.strangers, thrown: b.thrown }));
  } finally {
    await b.browser.close();
  }
}

/** Notes what is true of every page: language, direction, address, overflow, accessibility. */
async function look({ page, inspect }, seen) {
  await page.waitForLoadState("load"); // where scripts are off, styles may come later than the page
  const facts = await page.evaluate(() => ({
    title: document.title,
    heading: document.querySelector("h1")?.textContent.trim() ?? "",
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  facts.address = page.url();
  facts.violations = await inspect();
  seen.push(facts);
  return facts;
}

async function errors(page) {
  const box = page.locator("#errors");
  return (await box.count()) ? (await box.innerText()).replace(/\s+/g, " ") : "";
}

/** Follows buttons until the receipt stands there. The first page that shows the same problem twice ends it. */
async function fillIn(b, seen) {
  const { page } = b;
  let before = "";
  let filled = 0;
  for (let n = 0; n < mostPages; n++) {
    await look(b, seen);
    const receipt = page.locator("#receipt");
    if (await receipt.count()) {
      const code = (await receipt.innerText()).trim();
      return { receipt: code, filled, uncovered: args["no-js"] ? 0 : await uncovered(page) };
    }
    const problem = await errors(page);
    if (problem && problem === before) throw new Error(`the page "${seen.at(-1).heading}" keeps saying: ${problem}`);
    before = problem;
    filled += await fill(page, args.lang);
    await press(page, args.partial && n >= 3);
  }
  throw new Error(`no receipt after ${mostPages} pages; the last was "${seen.at(-1).heading}"`);
}

/** Presses the button that leads on: submit, send, start or next, in this order. */
async function press(page, early) {
  const wanted = early ? ["send", "partial"] : [];
  for (const value of [...wanted, "submit", "send", "start", "next"]) {
    const button = page.locator(`main button[name=do][value=${value}]`).first();
    if (!(await button.count()) || !(await button.isVisible())) continue;
    await Promise.all([page.waitForEvent("domcontentloaded"), button.click()]);
    return;
  }
  throw new Error("no button leads on from this page");
}

/** Goes back twice after the receipt and counts the pages that still show answers. */
async function uncovered(page) {
  let n = 0;
  for (let i = 0; i < 2; i++) {
    await page.goBack().catch(() => {}); // a page that was not kept cannot be shown: just as well
    await page.waitForTimeout(300); // the page's script is a module and runs after the page is there
    if (await page.locator("main dl.answers, main input:checked, main input[name^='q:']").count()) n++;
  }
  return n;
}

async function withdraw(b, seen) {
  const { page } = b;
  await look(b, seen);
  await page.locator("main input#receipt").fill(args.receipt ?? "");
  await Promise.all([page.waitForEvent("domcontentloaded"), page.locator("main form button").last().click()]);
  await look(b, seen);
  const problem = await errors(page);
  if (problem) throw new Error(`the receipt was refused: ${problem}`);
  return { withdrawn: (await page.locator("main input#receipt").count()) === 0 };
}

main().catch((e) => {
  console.error(e.message);
  process.exitCode = 1;
});
