// Photograph the overview once its text and its charts are drawn, and say how long that took.
// node screenshot.mjs <url> <file.png> [height], in a folder that holds playwright-core.
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [url, file, height = '1480'] = process.argv.slice(2);

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: Number(height) } });
const started = Date.now();
const tell = (what) => console.log(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);

await page.goto(url);
await page.getByText('Gates met').first().waitFor();
tell('key figures');
await page.locator('svg.marks').first().waitFor();
tell('first chart');
await page.getByRole('heading', { name: 'What it was made from' }).waitFor();
await page.waitForTimeout(1500); // let the charts' fonts and transitions settle
await page.screenshot({ path: file });
await browser.close();
