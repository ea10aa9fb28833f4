// Takes pictures of pages at the widths of a phone and a desk: what is seen first, light on the desk
// and dark on the phone. Arguments: an address, a folder, and pairs of a name and a path.
import { writeFile } from "node:fs/promises";
import { browser, rest } from "./launch.mjs";

const [address, folder, ...pairs] = rest;
const seen = { pictures: [] };
for (const [width, height, colorScheme] of [[360, 740, "dark"], [1280, 900, "light"]]) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const session = await page.context().newCDPSession(page);
  for (let place = 0; place < pairs.length; place += 2) {
    await page.goto(address + pairs[place + 1], { waitUntil: "load" });
    // Playwright itself writes no WebP.
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 70 });
    const name = `${pairs[place]}-${width}.webp`;
    await writeFile(`${folder}/${name}`, Buffer.from(data, "base64"));
    seen.pictures.push(name);
  }
  await page.close();
}
await browser.close();
console.log(JSON.stringify(seen));
