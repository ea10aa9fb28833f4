// What a reader sees of pages, measured. Arguments: an address.
import { browser, rest } from "./launch.mjs";

const [address] = rest;
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

seen.outsideOfPaper = await outsideOfPaper("/doc/city/vilnius");
await browser.close();
console.log(JSON.stringify(seen));
