// Servers with an authority or a proxy of their own, as an administrator sets them up.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { rootCertificates } from 'node:tls';

import { openBrowser } from './harness/browser.mjs';
import { engines, freshDatabase } from './harness/database.mjs';
import { expectAccessible, expectFits, logIn, until } from './harness/page.mjs';
import { startDemo } from './harness/programs.mjs';

/** Authorities whose certificates are valid now. */
const authorities = rootCertificates.filter((pem) => Date.parse(new X509Certificate(pem).validTo) > Date.now());

for (const engine of engines()) {
  describe(`servers with settings of their own on ${engine}`, () => {
    let browser;
    let demo;
    let folder;

    before(async () => {
      const env = await freshDatabase(engine);
      [browser, demo] = await Promise.all([openBrowser(), startDemo({ env })]);
      folder = await mkdtemp(join(tmpdir(), 'dovetail-certificates-'));
    });

    after(async () => {
      await browser?.close();
      await demo?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function visitor(options = {}) {
      const page = await (await browser.newContext(options)).newPage();
      await logIn(page, demo.dovetail.url, demo.dovetail.user, demo.dovetail.password);
      await page.waitForURL((url) => !url.pathname.startsWith('/login'));
      return page;
    }

    /** A certificate as a file, in PEM form or bare. */
    async function file(name, number) {
      const pem = authorities[number];
      const bare = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
      await writeFile(join(folder, name), name.endsWith('.cer') ? bare : pem);
      return join(folder, name);
    }

    for (const [number, name] of ['authority.pem', 'authority.cer'].entries()) {
      test(`an authority comes from the file ${name}, and is shown before it is trusted`, async () => {
        const page = await visitor();
        await page.goto(`${demo.dovetail.url}/accounts`);
        await page.getByRole('link', { name: 'Servers' }).click();
        const form = page.locator('form#authority');
        await form.getByLabel('Server', { exact: true }).fill('https://git.example.com');
        await form.getByLabel('Or from a file').setInputFiles(await file(name, number));
        await until(async () => (await form.getByLabel('Certificate of the authority').inputValue()).includes('BEGIN'));

        await form.getByRole('button', { name: 'Show what it is' }).click();

        await page.getByRole('heading', { name: /Trust this authority for git\.example\.com:443/ }).waitFor();
        const fingerprint = await page.locator('code.fingerprint').innerText();
        assert.match(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
        await expectAccessible(page);

        await page.getByRole('button', { name: 'Trust this authority' }).click();

        await page.waitForURL(/\/servers$/);
        await page.getByText(fingerprint).waitFor();
        await expectAccessible(page);
        await page.getByRole('button', { name: /^Trust no more/ }).click();
        await page.getByRole('heading', { name: 'No server has settings of its own' }).waitFor();
      });
    }

    test('a failed check leads there, without a script too', async () => {
      const page = await visitor({ javaScriptEnabled: false });
      await page.goto(`${demo.dovetail.url}/check`);
      await page.getByLabel('Host URL').fill('http://127.0.0.1:1');
      await page.getByRole('button', { name: 'Check', exact: true }).click();

      await page.getByRole('link', { name: 'Choose the proxy for this server' }).click();

      const form = page.locator('form#proxy');
      assert.equal(await form.getByLabel('Server', { exact: true }).inputValue(), 'http://127.0.0.1:1');
      await form.getByLabel('Address of the proxy').fill('http://me:s3cret@proxy.example.com:3128');
      await form.getByRole('button', { name: 'Keep' }).click();
      await page.getByText('http://proxy.example.com:3128').waitFor();
      assert.ok(!(await page.content()).includes('s3cret'));
      await form.getByLabel('Server', { exact: true }).fill('http://127.0.0.1:1');
      await form.getByRole('combobox').selectOption('As for all servers');
      await form.getByRole('button', { name: 'Keep' }).click();
      await page.getByRole('heading', { name: 'No server has settings of its own' }).waitFor();
    });

    for (const colorScheme of ['light', 'dark']) {
      test(`it looks right in ${colorScheme}, on a screen and on a phone, with an error too`, async () => {
        const page = await visitor({ colorScheme });
        await page.goto(`${demo.dovetail.url}/servers`);
        const form = page.locator('form#authority');
        await form.getByLabel('Server', { exact: true }).fill('https://git.example.com');
        await form.getByLabel('Certificate of the authority').fill('no certificate');
        await form.getByRole('button', { name: 'Show what it is' }).click();
        await page.getByRole('alert').waitFor();
        assert.equal(await form.getByLabel('Certificate of the authority').inputValue(), 'no certificate');
        await expectAccessible(page);
        await page.setViewportSize({ width: 360, height: 740 });
        await expectFits(page);
      });
    }
  });
}
