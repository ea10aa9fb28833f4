// What a reader sees of pages, measured. Arguments: an address, and the id of its release.
import { browser, rest } from "./launch.mjs";

const [address, release] = rest;
const seen = {};

/** Open a page; `print` gives it as paper of A4 with margins of 15 mm has it. */
async function open(path, width, { print = false, ...options } = {}) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, ...options });
  if (print) await page.emulateMedia({ media: "print" });
  await page.goto(address + path);
  return page;
}

/** How far the letters of pictures are outside of what paper shows, in pixels. */
async function outsideOfPaper(path) {
  const page = await open(path, 680, { print: true });
  const outside = await page.locator(".picture text").evaluateAll((texts) => {
    const paper = document.querySelector("main").getBoundingClientRect();
    const boxes = texts.map((text) => text.getBoundingClientRect()).filter(({ width }) => width);
    return Math.max(...boxes.map((box) => Math.max(paper.left - box.left, box.right - paper.right)));
  });
  await page.close();
  return outside;
}

/** What of a table lies beyond its page, and whether its days are broken. */
async function table(path, width, options) {
  const page = await open(path, width, options);
  const found = await page.locator("table.records").evaluateAll((tables) => {
    const right = document.querySelector("main").getBoundingClientRect().right;
    const cells = tables.flatMap((table) => [...table.querySelectorAll("tbody :is(th, td)")]);
    const shown = cells.map((cell) => [cell, cell.getBoundingClientRect()]).filter(([, box]) => box.height);
    const first = tables[0].querySelector("tbody tr");
    return {
      cells: shown.length,
      beyond: Math.max(...shown.map(([, box]) => box.right - right)),
      brokenDays: shown.filter(([cell]) => cell.matches(".day") && cell.firstElementChild?.getClientRects().length
        && cell.firstElementChild.getBoundingClientRect().height > 40).length,
      empty: shown.filter(([cell]) => !cell.textContent.trim()).length,
      top: [...first.children].filter((cell) => cell.getClientRects().length).sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0].textContent.trim(),
    };
  });
  await page.close();
  return found;
}

/** How large the smallest footnote is to hit, and how many of them overlap. */
async function footnotes(path) {
  const page = await open(path, 1280);
  const found = await page.locator("a.from").evaluateAll((links) => {
    const boxes = links.map((link) => link.getBoundingClientRect());
    const overlap = (a, b) => a !== b && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    return {
      smallest: Math.min(...boxes.flatMap(({ width, height }) => [width, height])),
      overlapping: boxes.filter((one) => boxes.some((other) => overlap(one, other))).length,
    };
  });
  await page.close();
  return found;
}

/** Which parts of a long page are in sight: of one that an address leads into, and on paper. */
async function folds(path) {
  const part = (page) => page.locator(".unfolded").evaluateAll((parts) => parts.filter((each) => each.checkVisibility({ contentVisibilityAuto: true })).length);
  const found = {};
  for (const javaScriptEnabled of [true, false]) {
    // Where no script of a page runs, it cannot be asked from outside for what is in sight.
    const page = await open(path, 1280, { javaScriptEnabled });
    const target = page.locator(path.slice(path.indexOf("#")));
    found[javaScriptEnabled ? "script" : "noScript"] = {
      top: (await target.boundingBox())?.y ?? null,
      open: await page.locator("details.fold[open]").count(),
    };
    await page.close();
  }
  const page = await open(path.split("#")[0], 680, { print: true });
  found.parts = await page.locator(".unfolded").count();
  found.onPaper = await part(page);
  await page.close();
  return found;
}

seen.folds = { shapes: await folds("/shapes#event"), dumps: await folds(`/dumps/${release}/#tables`) };
seen.footnotes = await footnotes("/doc/city/vilnius");
seen.phone = {};
seen.paper = {};
for (const path of ["/queries/timeline.html", "/queries/figures-of-place.html", "/doc/city/vilnius"]) {
  seen.phone[path] = await table(path, 360);
  seen.paper[path] = await table(path, 680, { print: true });
}
seen.outsideOfPaper = await outsideOfPaper("/doc/city/vilnius");
await browser.close();
console.log(JSON.stringify(seen));
