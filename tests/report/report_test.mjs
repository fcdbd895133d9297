import assert from 'node:assert/strict';
import {mkdirSync, statSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {join} from 'node:path';
import {faint, launch, loadTime, looks, open, violations} from './browser.mjs';
import {many, site, small, twenty, twentyNames, verified} from './documents.mjs';
import {pageOf, report, reportWith} from './program.mjs';
import {hostileModel, payloads} from './hostile.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

/** The small cluster with a verification in which one flow failed and one was not tried. */
function smallReport() {
  const model = JSON.parse(report(small, site(), 'json'));
  const ids = model.flows.flatMap((row) => row.flows.map((flow) => flow.id));
  return reportWith(small, site(), verified(model, {failing: [ids[3]], untested: [ids[5]]}));
}

async function look(name, path, only = looks) {
  for (const each of only) {
    const {page, seen} = await open(browser, path, each);
    if (process.env.SHOTS) {
      mkdirSync(process.env.SHOTS, {recursive: true});
      await page.screenshot({path: join(process.env.SHOTS, `${name}-${each.name}.png`), fullPage: true});
      if (each.name === 'desktop-light') {
        await page.pdf({path: join(process.env.SHOTS, `${name}.pdf`), format: 'A4', preferCSSPageSize: true, printBackground: true});
      }
    }
    assert.deepEqual(await violations(page), [], `${name} ${each.name}`);
    assert.deepEqual(await faint(page), [], `${name} ${each.name}`);
    assert.deepEqual(seen, {requests: [], console: [], dialogs: []}, `${name} ${each.name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= each.width, `${name} ${each.name}: ${wide} pixels wide`);
    await page.close();
  }
}

test('a small cluster: axe finds nothing, wide and narrow, light and dark', async () => {
  await look('small', smallReport().page);
});

test('twenty worker groups: axe finds nothing, and the picture names the groups', async () => {
  const {page: path} = reportWith(twenty, site({tls: {mode: 'none'}, redis: undefined}));
  await look('twenty', path, [looks[1], looks[2]]);
  const {page} = await open(browser, path, looks[0]);
  const titles = await page.$$eval('svg.picture title', (all) => all.map((each) => each.textContent).join(', '));
  for (const name of twentyNames) assert.match(titles, new RegExp(`(^|, )${name}(,|$)`));
  // Texts of the picture stay inside it and do not lie on each other.
  const boxes = await page.$$eval('svg.picture text', (all) => all.map((each) => {
    const {left, right, top, bottom} = each.getBoundingClientRect();
    return {text: each.textContent, left, right, top, bottom, height: bottom - top};
  }));
  const frame = await page.$eval('svg.picture', (svg) => { const {left, right} = svg.getBoundingClientRect(); return {left, right}; });
  assert.ok(boxes.length > 40);
  for (const [i, one] of boxes.entries()) {
    assert.ok(one.height >= 10, `too small to read: ${one.text}`);
    assert.ok(one.left >= frame.left && one.right <= frame.right, `outside: ${one.text}`);
    for (const other of boxes.slice(i + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      assert.ok(across < 1 || down < 3, `"${one.text}" lies on "${other.text}"`);
    }
  }
  await page.close();
});

test('fifty worker groups: at most 2 MB, open in a second', async () => {
  const plain = JSON.parse(report(many('big', 50), site(), 'json'));
  assert.ok(plain.summary.flows > 7500, `${plain.summary.flows} flows`);
  const {model, page: path} = reportWith(many('big', 50), site(), verified(plain));
  assert.equal(model.summary.tested, model.summary.flows);
  const bytes = statSync(path).size;
  assert.ok(bytes <= 2_000_000, `${bytes} bytes`);
  const best = {loaded: Infinity, painted: Infinity};
  for (let i = 0; i < 5; ++i) {  // what else runs on this machine is no fault of the file
    const {page} = await open(browser, path, looks[0]);
    const time = await loadTime(page);
    for (const key of ['loaded', 'painted']) best[key] = Math.min(best[key], time[key]);
    await page.close();
  }
  console.log(`    ${model.summary.flows} flows in ${model.summary.rows} rows, ${bytes} bytes; loaded after ` +
              `${best.loaded.toFixed(0)} ms, painted after ${best.painted.toFixed(0)} ms`);
  assert.ok(best.loaded < 1000 && best.painted < 1000, JSON.stringify(best));
  await look('fifty', path, [looks[0], looks[2]]);
});

test('the same input gives the same bytes', () => {
  assert.equal(report(small, site(), 'html'), report(small, site(), 'html'));
});

test('it works without scripts, and has none', async () => {
  const {page} = await open(browser, smallReport().page, looks[0]);
  assert.equal(await page.$$eval('script, link, img, iframe, object, embed, form', (all) => all.length), 0);
  const outside = await page.$$eval('[href], [src]', (all) => all.map((each) => each.getAttribute('href') ?? each.getAttribute('src'))
                                                              .filter((each) => !each.startsWith('#')));
  assert.deepEqual(outside, []);
  const dangling = await page.$$eval('a', (all) => all.filter((each) => !document.getElementById(each.hash.slice(1))).length);
  assert.equal(dangling, 0);
  await page.close();
});

test('a Site and a result with hostile texts do nothing, and are shown as they are', async () => {
  const hostile = site({
    egress: payloads.map((text, i) => ({name: `e${i} ${text}`, reason: `r${i} ${text}`, to: [{name: `p${i} ${text}`, cidr: `10.0.${i}.0/24`}], ports: [443]})),
  });
  const result = verified(JSON.parse(report(small, hostile, 'json')));
  for (const flow of result.flows) flow.how = `${payloads.join(' ')} ${flow.how}`;
  result.pairs = payloads.map((text) => ({from: text, to: text, tried: 1, blocked: 0, good: false, note: text}));
  result.findings = payloads.map((text) => ({code: text, severity: text, object: text, what: text, remedy: text}));
  const {page: path} = reportWith(small, hostile, result);
  const {page, seen} = await open(browser, path, looks[0], {bypassPolicy: true});
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(seen, {requests: [], console: [], dialogs: []});
  const text = await page.evaluate(() => document.body.textContent);
  for (const [i, payload] of payloads.entries()) {
    for (const each of [`e${i} ${payload}`, `r${i} ${payload}`, `p${i} ${payload}`]) assert.ok(text.includes(each), each);
  }
  await page.close();
  await look('hostile', path, [looks[0], looks[3]]);
});

test('a model whose every text is hostile does nothing, and each text is shown whole', async () => {
  const {model} = smallReport();
  const {hostile, texts} = hostileModel(model);
  const {page, seen} = await open(browser, pageOf(hostile), looks[0], {bypassPolicy: true});
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(seen, {requests: [], console: [], dialogs: []});
  assert.equal(await page.$$eval('script, img, iframe, object, a:not([href^="#"])', (all) => all.length), 0);
  // In the picture a text may be cut; its title has all of it.
  const shown = await page.evaluate(() => {
    for (const each of document.querySelectorAll('svg text')) each.remove();
    return document.documentElement.textContent;
  });
  let whole = 0;
  for (const [mark, text] of texts) {
    for (let at = shown.indexOf(mark); at >= 0; at = shown.indexOf(mark, at + 1)) {
      assert.equal(shown.slice(at, at + text.length), text);
      ++whole;
    }
  }
  console.log(`    ${texts.size} hostile texts, shown ${whole} times`);
  assert.ok(whole > 200, `${whole} were shown`);
  const attributes = await page.$$eval('*', (all) => all.flatMap((each) => [...each.attributes].map((one) => one.name)));
  assert.deepEqual(attributes.filter((name) => name.startsWith('on') || name === 'style'), []);
  await page.close();
});
