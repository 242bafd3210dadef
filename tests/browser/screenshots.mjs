// Takes the pictures of the documentation from a demo: `cargo xtask screenshots`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

import { openBrowser } from './harness/browser.mjs';
import { logIn } from './harness/page.mjs';
import { startDemo } from './harness/programs.mjs';

const [folder] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const demo = await startDemo();
const browser = await openBrowser();
try {
  const { url, user, password } = demo.dovetail;
  const wide = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };
  const context = await browser.newContext(wide);
  const page = await context.newPage();
  await logIn(page, url, user, password);
  await page.waitForURL((address) => !address.pathname.startsWith('/login'));
  const take = async (path, name) => {
    await page.goto(url + path);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(`${name}.png`);
  };
  await take(`/issues/${demo.issues[0]}`, 'issue');
  await take('/accounts', 'accounts');
  await page.goto(`${url}/accounts`);
  const account = new URL(await page.locator('.accounts a.name').first().getAttribute('href'), url);
  await take(account.pathname, 'account');
  await take('/accounts/new', 'add-account');
  await take(`${account.pathname}/hooks`, 'web-hooks');
  await take(`${account.pathname}/remove`, 'remove-account');
  await page.goto(`${url}/check`);
  await page.getByLabel('Host URL').fill(demo.gitlab.url);
  await page.getByLabel('Team or User Account').fill(demo.gitlab.group);
  await page.locator('[name="token"]').fill(demo.gitlab.access_token);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.locator('.verdict').waitFor();
  await page.screenshot({ path: join(folder, 'check.png') });
  console.log('check.png');
  await page.goto(`${url}/servers`);
  const form = page.locator('form#authority');
  await form.getByLabel('Server', { exact: true }).fill('https://gitlab.example.com');
  await form.getByLabel('Certificate of the authority').fill(rootCertificates.at(-1));
  await form.getByRole('button', { name: 'Show what it is' }).click();
  await page.locator('code.fingerprint').waitFor();
  await page.screenshot({ path: join(folder, 'trust-authority.png') });
  console.log('trust-authority.png');
  await take('/sites/new', 'add-jira');
  await page.goto(`${url}/sites`);
  const site = new URL(await page.locator('main a.name').first().getAttribute('href'), url);
  await take('/sites', 'sites');
  await take(site.pathname, 'site');
  await take('/deliveries', 'deliveries');
  await take('/users', 'users');
  await take(`/explain?q=${demo.issues[0]}`, 'explain');
  await take(`/search?q=${demo.issues[0].split('-')[0]}`, 'search');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(`/issues/${demo.issues[0]}`, 'issue-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'light' });
  await take(`/issues/${demo.issues[0]}`, 'issue-phone');
} finally {
  await browser.close();
  await demo.stop();
}
