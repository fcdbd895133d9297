// Chromium, driven by its DevTools protocol.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import puppeteer from 'puppeteer-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const looks = [
  {name: 'desktop-light', width: 1280, height: 900, scheme: 'light'},
  {name: 'desktop-dark', width: 1280, height: 900, scheme: 'dark'},
  {name: 'phone-light', width: 360, height: 740, scheme: 'light'},
  {name: 'phone-dark', width: 360, height: 740, scheme: 'dark'},
];

export function launch() {
  // Root has no sandbox, and a container's /dev/shm may be small.
  return puppeteer.launch({executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']});
}

/** Opens a file and collects what it should not do: what it fetches, and what the console says of it. */
export async function open(browser, path, look, {bypassPolicy = false} = {}) {
  const page = await browser.newPage();
  const seen = {requests: [], console: [], dialogs: []};
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => seen.console.push(message.text()));
  page.on('pageerror', (error) => seen.console.push(String(error)));
  page.on('dialog', (dialog) => { seen.dialogs.push(dialog.message()); dialog.dismiss(); });
  await page.setBypassCSP(bypassPolicy);
  await page.setViewport({width: look.width, height: look.height, isMobile: look.width < 500, hasTouch: look.width < 500});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: look.scheme}]);
  const url = pathToFileURL(path).href;
  await page.goto(url, {waitUntil: 'load'});
  seen.requests = seen.requests.filter((each) => each !== url);
  return {page, seen};
}

/** axe's violations, each as one line. */
export async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations', 'incomplete']}));
  const contrast = result.passes.some((rule) => rule.id === 'color-contrast');
  if (!contrast && !result.incomplete.some((rule) => rule.id === 'color-contrast')) throw new Error('axe looked at no contrast');
  return result.violations.flatMap(
      (rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.split('\n').slice(1).join(' ')}`));
}

/** Milliseconds from asking for the file until it is there with all it has, and until something is to be seen. */
export function loadTime(page) {
  return page.evaluate(async () => {
    const painted = await new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({type: 'paint', buffered: true});
    });
    return {loaded: performance.getEntriesByType('navigation')[0].loadEventEnd, painted};
  });
}

/** Texts of the picture whose contrast to the box that they stand on is below 4.5 to 1: axe does not look into SVG. */
export function faint(page) {
  return page.evaluate(() => {
    const light = (colour) => {
      const parts = colour.match(/\d+(\.\d+)?/g).slice(0, 3).map((each) => each / 255)
          .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const boxes = [], found = [];
    for (const each of document.querySelectorAll('svg.picture rect, svg.picture text')) {
      const box = each.getBoundingClientRect(), fill = getComputedStyle(each).fill;
      if (each.tagName === 'rect') {
        if (fill !== 'none') boxes.push({box, fill});
        continue;
      }
      const x = box.left + 1, y = (box.top + box.bottom) / 2;
      const under = boxes.findLast(({box: b}) => b.left <= x && x <= b.right && b.top <= y && y <= b.bottom);
      const paper = under?.fill ?? getComputedStyle(document.body).backgroundColor;
      const [high, low] = [light(fill), light(paper)].sort((a, b) => b - a);
      const contrast = (high + 0.05) / (low + 0.05);
      if (contrast < 4.5) found.push(`${each.textContent}: ${contrast.toFixed(1)} to 1`);
    }
    return found;
  });
}
