// Measure pages in a browser: what is seen when in new sessions, and interactions from click to
// content.
// node dashboard.mjs <address> <plan.json>, in a folder that holds playwright-core; prints JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [address, planned] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planned, 'utf8'));

const FIGURES = '#root svg.marks, #root canvas[data-testid="data-grid-canvas"]';
const GRID = 'canvas[data-testid="data-grid-canvas"]';

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...(process.env.CHROMIUM_FLAGS ?? '').split(' ').filter(Boolean)],
});

async function session() {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    return opened(context);
}

async function opened(context) {
    const page = await context.newPage();
    page.setDefaultTimeout(60000);
    await page.addInitScript(observed, FIGURES);
    return page;
}

// Runs in the page: notes, in milliseconds after its address was opened, when the browser first
// painted content (as PerformanceObserver says), when title and finding could be read (in what the
// page opens with or in the live page), when the live page had its first chart or table, and when
// the last; after each of its frames.
function observed(figures) {
    const seen = {};
    const coming = ['stSkeleton', 'stVegaLiteChart', 'stDataFrame']
        .map((name) => `#root [data-testid="${name}"]`).join(', ');
    window.seen = seen;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (entry.name === 'first-contentful-paint') seen.painted = entry.startTime;
    })).observe({ type: 'paint', buffered: true });
    const once = (name, is) => { if (is && !(name in seen)) seen[name] = performance.now(); };
    let count = 0;
    const look = () => {
        const all = (what) => document.querySelectorAll(what).length;
        const drawn = all(figures);
        const idle = all('#root [data-test-script-state="notRunning"]') && all('#root h1')
            && !all('#root [data-testid="stSkeleton"]');
        const bare = idle && !all(coming);
        once('told', all('#opening svg, #opening dd') || (all('#root h1') && (drawn || bare)));
        once('title', all('h1'));
        once('live', all('#root h1') && (drawn || bare));
        if (drawn !== count) seen.last = performance.now();
        count = drawn;
        if (idle) once('idle', true);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}

// What was observed once a page's script has run and nothing has been drawn for a while.
async function painted(page, path) {
    await page.goto(`${address}/${path}`);
    await page.waitForFunction(
        (quiet) => 'painted' in window.seen && 'idle' in window.seen
            && performance.now() - Math.max(window.seen.idle, window.seen.last ?? 0) > quiet,
        plan.empty ? 100 : 700,
        { polling: 100 },
    );
    return page.evaluate(() => {
        const { painted: first, title, told, live, last } = window.seen;
        const whole = { first, title, told: Math.max(told, first), live, last: last ?? live };
        return Object.fromEntries(Object.entries(whole).map(([name, ms]) => [name, Math.round(ms)]));
    });
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
    // Headers are painted, and only their names can be read: an arrow comes before the name of the
    // column that a click sorted. The click that is timed sorts it once more.
    async sort({ column }, page) {
        const grid = page.locator(GRID).first();
        const box = await grid.boundingBox();
        const sorted = grid.locator('[role="columnheader"]')
            .filter({ hasText: new RegExp(`^[↑↓] ${column}$`) });
        for (let across = 12; across < box.width; across += 20) {
            const click = () => page.mouse.click(box.x + across, box.y + 17);
            await click();
            await page.waitForTimeout(500);
            if (await sorted.count()) return click;
            if (await page.getByRole('menu').count()) await page.keyboard.press('Escape');
        }
        throw new Error(`no header of ${column} was found`);
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
        const first = await painted(page, path);
        console.log(JSON.stringify({ kind: 'paint', name: path, ...first }));
        // The same browser, another day: its scripts lie in the cache, the session is new.
        const later = await opened(page.context());
        await page.close();
        const again = await painted(later, path);
        console.log(JSON.stringify({ kind: 'again', name: path, ...again }));
        await later.context().close();
    }
    for (const step of plan.steps) {
        const ms = await interaction(step);
        console.log(JSON.stringify({ kind: 'step', name: step.name, ms }));
    }
}
await browser.close();
