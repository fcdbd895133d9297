// raykeep report as a process, and the page of any model.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'raykeep-report-'));
let written = 0;

export function file(text, extension = 'json') {
  const path = join(folder, `${++written}.${extension}`);
  writeFileSync(path, text);
  return path;
}

const options = {maxBuffer: 64 << 20, encoding: 'utf8', env: {...process.env, SOURCE_DATE_EPOCH: '1795764600'}};

export function report(document, site, output, result = null) {
  const words = ['report', '-n', 'ray', '-f', file(JSON.stringify(document)), '--site', file(JSON.stringify(site)), '-o', output];
  if (result !== null) words.push('--verified', file(typeof result === 'string' ? result : JSON.stringify(result)));
  return execFileSync(process.env.RAYKEEP, words, {...options, stdio: ['ignore', 'pipe', 'ignore']});
}

/** The model, and a file with the page. */
export function reportWith(document, site, result = null) {
  return {model: JSON.parse(report(document, site, 'json', result)), page: file(report(document, site, 'html', result), 'html')};
}

/** A file with the page of a model that no plan would give. */
export function pageOf(model) {
  return file(execFileSync(process.env.PAGE_OF, {...options, input: JSON.stringify(model)}), 'html');
}
