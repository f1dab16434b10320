// Photograph a page once its text, charts and tables are drawn.
// node screenshot.mjs <url> <file.png> [height], in a folder that holds playwright-core.
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [url, file, height = '1480'] = process.argv.slice(2);

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: Number(height) } });
await page.goto(url);
await page.locator('#root h1').first().waitFor();
await page.locator('#root svg.marks, #root canvas[data-testid="data-grid-canvas"]').first().waitFor();
await page.waitForFunction(
    () => !document.querySelector('#opening, [data-testid="stSkeleton"], [data-testid="stStatusWidget"]'),
);
await page.waitForTimeout(2500); // let the charts' fonts and transitions settle
await page.screenshot({ path: file });
await browser.close();
