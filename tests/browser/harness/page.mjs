// What several tests do on a page.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Fails when axe-core finds something serious on the page. */
export async function expectAccessible(page) {
  // Evaluated, not added as a script element: the page's own policy forbids scripts that are not its own.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  assert.deepEqual(told, [], `serious findings at ${page.url()}`);
}

/** Fails when the page is wider than its window. */
export async function expectFits(page) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, globalThis.innerWidth]);
  assert.ok(wide <= window, `${page.url()} is ${wide} px wide in a window of ${window}`);
}

/** Collects requests that leave the given origins. */
export function watchForeignRequests(page, ...origins) {
  const foreign = [];
  page.on('request', (request) => {
    if (!origins.some((origin) => request.url().startsWith(origin)) && !request.url().startsWith('data:')) {
      foreign.push(request.url());
    }
  });
  return foreign;
}

/** Logs in to Dovetail. */
export async function logIn(page, url, login, password) {
  await page.goto(`${url}/login`);
  await page.getByLabel('Log-in').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Asks a REST interface. */
export async function rest(root, token, method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(root + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Asks until it is so; the test runner's own time-out bounds it. */
export async function until(condition) {
  for (;;) {
    const found = await condition();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
