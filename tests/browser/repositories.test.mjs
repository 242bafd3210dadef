// The repositories of an account: searched while one types, sorted, linked by a pattern.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser } from './harness/browser.mjs';
import { engines, freshDatabase } from './harness/database.mjs';
import { expectAccessible, expectFits, logIn, until } from './harness/page.mjs';
import { startDemo } from './harness/programs.mjs';

for (const engine of engines()) {
  describe(`the repositories of an account on ${engine}`, () => {
    let browser;
    let demo;

    before(async () => {
      const env = await freshDatabase(engine);
      [browser, demo] = await Promise.all([openBrowser(), startDemo({ env })]);
    });

    after(async () => {
      await browser?.close();
      await demo?.stop();
    });

    async function account(options = {}) {
      const page = await (await browser.newContext(options)).newPage();
      await logIn(page, demo.dovetail.url, demo.dovetail.user, demo.dovetail.password);
      await page.waitForURL((url) => !url.pathname.startsWith('/login'));
      await page.goto(`${demo.dovetail.url}/accounts`);
      await page.locator('.accounts a.name').first().click();
      await page.waitForURL(/\/accounts\/\d+$/);
      return page;
    }

    const paths = (page) => page.locator('table.repositories td.name bdi').allInnerTexts();

    test('are found while one types, and the address is kept', async () => {
      const page = await account();
      const all = await paths(page);
      assert.ok(all.length > 2, all.join());

      await page.locator('h1').click();
      await page.keyboard.press('/');
      await page.keyboard.type('STORE');

      await until(async () => (await paths(page)).length < all.length);
      assert.deepEqual(await paths(page), all.filter((path) => path.includes('store')));
      assert.match(page.url(), /\?q=STORE$/);
      assert.equal(await page.getByRole('searchbox', { name: 'Find a repository' }).inputValue(), 'STORE');
      await expectAccessible(page);

      await page.keyboard.type(' and nothing');
      await page.getByRole('heading', { name: 'No repository matches' }).waitFor();
      await page.getByRole('link', { name: `Show all ${all.length}` }).click();
      await until(async () => (await paths(page)).length === all.length);
    });

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with a script' : 'without a script';

      test(`are sorted by their headings ${how}`, async () => {
        const page = await account({ javaScriptEnabled, viewport: { width: 1200, height: 900 } });
        const all = await paths(page);

        await page.locator('table.repositories th a', { hasText: 'Repository' }).click();
        await page.waitForURL(/sort=path/);
        assert.deepEqual(await paths(page), all.toSorted());
        assert.equal(await page.locator('table.repositories th[aria-sort]').getAttribute('aria-sort'), 'ascending');

        await page.locator('table.repositories th a', { hasText: 'Repository' }).click();
        await page.waitForURL(/sort=-path/);
        assert.deepEqual(await paths(page), all.toSorted().toReversed());
      });
    }

    for (const colorScheme of ['light', 'dark']) {
      test(`are sorted on a phone without a script, ${colorScheme}`, async () => {
        const page = await account({ colorScheme, javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
        const all = await paths(page);
        const order = page.getByRole('navigation', { name: 'Order of the repositories' });
        assert.equal(await page.locator('table.repositories th a').first().isVisible(), false);
        await order.getByRole('link', { name: 'last activity, descending', exact: true }).waitFor();
        assert.equal(await order.locator('[aria-current]').count(), 1);
        await expectFits(page);

        await order.getByRole('link', { name: 'repository', exact: true }).click();
        await page.waitForURL(/sort=path/);
        assert.deepEqual(await paths(page), all.toSorted());

        await order.getByRole('link', { name: 'repository, ascending', exact: true }).click();
        await page.waitForURL(/sort=-path/);
        assert.deepEqual(await paths(page), all.toSorted().toReversed());
      });
    }

    test('have their order above them on a phone alone', async () => {
      const page = await account({ viewport: { width: 360, height: 740 } });
      await expectAccessible(page);
      await page.setViewportSize({ width: 1200, height: 900 });
      assert.equal(await page.locator('nav.sorting').isVisible(), false);
    });

    test('are unlinked and linked by a pattern, once that was confirmed', async () => {
      const page = await account({ viewport: { width: 360, height: 740 } });
      const linked = () => page.locator('button.switch[aria-checked="true"]').count();
      const before = await linked();
      await expectFits(page);
      await page.getByLabel('All repositories that match').fill('*/shop/*');

      await page.getByRole('button', { name: 'Unlink', exact: true }).click();
      await expectAccessible(page);
      await expectFits(page);
      const button = page.getByRole('button', { name: /^Unlink \d+$/ });
      const meant = Number((await button.innerText()).split(' ')[1]);
      assert.ok(meant > 0 && meant < before);
      await button.click();
      await page.waitForURL(/\/accounts\/\d+$/);
      assert.equal(await linked(), before - meant);

      await page.getByLabel('All repositories that match').fill('*/shop/*');
      await page.getByRole('button', { name: 'Link', exact: true }).click();
      await page.getByRole('button', { name: `Link ${meant}` }).click();
      await page.waitForURL(/\/accounts\/\d+$/);
      assert.equal(await linked(), before);
    });
  });
}
