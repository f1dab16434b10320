// Measure pages in a browser: first paint in new sessions, and interactions from click to content.
// node dashboard.mjs <address> <plan.json>, in a folder that holds playwright-core; prints JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [address, planned] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planned, 'utf8'));

const FIGURE = 'svg.marks, canvas[data-testid="data-grid-canvas"]';
const COMING = ['stSkeleton', 'stVegaLiteChart', 'stDataFrame']
    .map((name) => `[data-testid="${name}"]`).join(', ');
const GRID = 'canvas[data-testid="data-grid-canvas"]';

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
});

async function session() {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const page = await context.newPage();
    page.setDefaultTimeout(60000);
    return page;
}

// A page is there when its title, its key figures if it has any, and a chart or a table are drawn,
// or all there is to say is that this release has none; an empty one has its title.
async function painted(page, path) {
    const started = Date.now();
    await page.goto(`${address}/${path}`);
    await page.locator('h1').first().waitFor();
    if (plan.empty) return Date.now() - started;
    const shown = path.startsWith('?') ? page.locator('[data-testid="stMetric"]').nth(4) : null;
    await shown?.waitFor();
    await page.waitForFunction(
        ([figure, coming]) => document.querySelector(figure) || (
            document.querySelector('[data-test-script-state="notRunning"]')
            && document.querySelector('[data-testid="stAlert"]')
            && !document.querySelector(coming)
        ),
        [path.startsWith('?') ? 'svg.marks' : FIGURE, COMING],
        { polling: 'raf' },
    );
    return Date.now() - started;
}

async function settled(page) {
    await page.waitForFunction(
        () => !document.querySelector('[data-testid="stStatusWidget"], [data-stale="true"]'),
    );
    await page.waitForTimeout(700);
}

const text = (page, { changes, nth = 0 }) => page.evaluate(
    ([wanted, place]) => document.querySelectorAll(wanted)[place]?.textContent ?? null,
    [changes, nth],
);

// What a reader does, and what must have changed for it to be done.
const acts = {
    async fill({ label, value }, page) {
        const box = page.getByLabel(label, { exact: true }).first();
        await box.fill(value);
        return () => box.press('Enter');
    },
    async choose({ label, value }, page) {
        const box = page.getByLabel(label, { exact: true }).first();
        await box.click();
        await box.fill(value); // the list is drawn only as far as it is seen
        const option = page.getByRole('option', { name: value, exact: true });
        await option.waitFor();
        return () => option.click();
    },
    async press({ value }, page) {
        const button = page.getByRole('button', { name: value, exact: true })
            .or(page.getByRole('radio', { name: value, exact: true }));
        return () => button.first().click();
    },
    async row({ place }, page) {
        const box = await page.locator(GRID).first().boundingBox();
        return () => page.mouse.click(box.x + 15, box.y + 35 * place + 17);
    },
    async sort({ across }, page) {
        const box = await page.locator(GRID).first().boundingBox();
        return () => page.mouse.click(box.x + box.width * across, box.y + 17);
    },
    async open({ value }, page) {
        const link = page.getByTestId('stSidebarNav').getByRole('link', { name: value, exact: true });
        return () => link.click();
    },
};

async function interaction(step) {
    const page = await session();
    await painted(page, step.path);
    await settled(page);
    const before = await text(page, step);
    const go = await acts[step.act](step, page);
    await page.waitForTimeout(300);
    const started = Date.now();
    await go();
    await page.waitForFunction(
        ([wanted, place, was]) => {
            const found = document.querySelectorAll(wanted)[place];
            return found && found.textContent !== was;
        },
        [step.changes, step.nth ?? 0, before],
        { polling: 'raf', timeout: 15000 },
    ).catch(() => { throw new Error(`${step.name}: nothing changed in 15 s`); });
    const took = Date.now() - started;
    await page.context().close();
    return took;
}

for (let round = 0; round < plan.rounds; round += 1) {
    for (const path of plan.paths) {
        const page = await session();
        console.log(JSON.stringify({ kind: 'paint', name: path, ms: await painted(page, path) }));
        await settled(page);
        // The same browser, another day: its scripts lie in the cache, the session is new.
        const later = await page.context().newPage();
        await page.close();
        console.log(JSON.stringify({ kind: 'again', name: path, ms: await painted(later, path) }));
        await later.context().close();
    }
    for (const step of plan.steps) {
        const ms = await interaction(step);
        console.log(JSON.stringify({ kind: 'step', name: step.name, ms }));
    }
}
await browser.close();
