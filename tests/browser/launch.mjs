// Starts the browser that the arguments name: the folder of playwright-core, then the browser.
import { createRequire } from "node:module";

export const [modules, executablePath, ...rest] = process.argv.slice(2);
export const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");

export const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
