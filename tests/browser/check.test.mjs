// The check of the way to a forge, as an administrator meets it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser } from './harness/browser.mjs';
import { expectAccessible, expectFits, logIn } from './harness/page.mjs';
import { startDemo } from './harness/programs.mjs';

describe('the check of a connection', () => {
  let browser;
  let demo;

  before(async () => {
    [browser, demo] = await Promise.all([openBrowser(), startDemo()]);
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  async function visitor(options = {}) {
    const page = await (await browser.newContext(options)).newPage();
    await logIn(page, demo.dovetail.url, demo.dovetail.user, demo.dovetail.password);
    await page.waitForURL((url) => !url.pathname.startsWith('/login'));
    return page;
  }

  test('shows its steps below the form of "Add account", and keeps what was typed', async () => {
    const page = await visitor();
    await page.goto(`${demo.dovetail.url}/accounts/new`);
    await page.getByRole('radio', { name: /GitLab Self-Managed/ }).check({ force: true });
    await page.getByLabel('Host URL').fill(demo.gitlab.url);
    await page.getByLabel('Team or User Account').fill(demo.gitlab.group);
    await page.getByRole('radio', { name: 'Access token instead' }).check({ force: true });
    await page.locator('[name="token"]').fill(demo.gitlab.access_token);

    await page.getByRole('button', { name: 'Check', exact: true }).click();

    const result = page.locator('#check-result');
    await result.locator('.verdict').waitFor();
    const titles = await result.locator('.stages .title').allInnerTexts();
    assert.ok(titles.indexOf('Address') < titles.indexOf('Kind of server') && titles.includes('Git'), titles.join());
    assert.equal(await result.getByText('failed', { exact: true }).count(), 0, await result.innerText());
    assert.equal(await page.getByLabel('Host URL').inputValue(), demo.gitlab.url);
    assert.ok(!(await page.content()).includes(demo.gitlab.access_token));
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await expectFits(page);
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with a script' : 'without a script';

    test(`names the step that fails and hands it on as text ${how}`, async () => {
      const page = await visitor({ javaScriptEnabled });
      await page.goto(`${demo.dovetail.url}/check`);
      await page.getByLabel('Host URL').fill('http://127.0.0.1:1');

      await page.getByRole('button', { name: 'Check', exact: true }).click();

      await page.getByText('It ends at “Connection”').waitFor();
      await page.getByText('As text, to hand on').click();
      assert.match(await page.locator('#report-text').innerText(), /\[failed\] Connection: 127\.0\.0\.1:1 refused/);
      assert.equal(await page.locator('.checking').isVisible(), false, 'it does not say that it goes on');
      if (javaScriptEnabled) await expectAccessible(page);
    });
  }

  test('is in the menu of an account', async () => {
    const page = await visitor();
    await page.goto(`${demo.dovetail.url}/accounts`);
    await page.locator('details.menu:not(.person) > summary').first().click();

    await page.getByRole('button', { name: 'Check the connection' }).first().click();

    await page.getByText('Nothing stands in the way.').waitFor();
    await page.getByRole('link', { name: 'Back to the account' }).click();
    await page.waitForURL(/\/accounts\/\d+$/);
  });
});
