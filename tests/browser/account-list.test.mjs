// The list of accounts and what leads from it: how each is, letting one in again, the activity chart, and the question before
// one is removed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { begin, connect, consent } from './harness/account.mjs';
import { openBrowser } from './harness/browser.mjs';
import { engines, freshDatabase } from './harness/database.mjs';
import { expectAccessible, expectFits, logIn, rest, until } from './harness/page.mjs';
import { startDemo, startDovetail, startGitlab } from './harness/programs.mjs';

const DAY = 24 * 60 * 60 * 1000;

for (const engine of engines()) {
  describe(`the list of accounts on ${engine}`, () => {
    let browser;
    let demo;
    let account;

    before(async () => {
      [browser, demo] = await Promise.all([openBrowser(), freshDatabase(engine).then((env) => startDemo({ env }))]);
      const [{ id }] = await dovetail('GET', '/accounts');
      account = `/accounts/${id}`;
    });

    after(async () => {
      await browser?.close();
      await demo?.stop();
    });

    const dovetail = (method, path) => rest(`${demo.dovetail.url}/api/v1`, demo.dovetail.api_token, method, path);

    async function visitor(options = {}) {
      const page = await (await browser.newContext(options)).newPage();
      await logIn(page, demo.dovetail.url, demo.dovetail.user, demo.dovetail.password);
      await page.waitForURL((url) => !url.pathname.startsWith('/login'));
      return page;
    }

    test('an account tells whom it serves, who authorised it and when something last happened', async () => {
      const page = await visitor();
      await page.goto(`${demo.dovetail.url}/accounts`);
      const beside = page.locator('.accounts li .beside-account').first();
      assert.match(await beside.innerText(), /last activity .*\btells Jira\b.*authorised by /s);
      await beside.getByRole('link', { name: 'Jira' }).click();
      await page.getByRole('heading', { name: 'Jira', level: 1 }).waitFor();
    });

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with a script' : 'without a script';

      test(`the chart of an account has a day for each of the last 90, and its numbers as a table, ${how}`, async () => {
        const page = await visitor({ javaScriptEnabled });
        const { days, commits, links } = await dovetail('GET', `${account}/activity`);
        assert.equal(days.length, 90);
        assert.equal(Date.parse(days[89].date) - Date.parse(days[0].date), 89 * DAY);
        await page.goto(demo.dovetail.url + account);
        const chart = page.getByRole('img', { name: 'Commits and links to issues a day' });
        assert.equal(await chart.locator('g').count(), 90);
        assert.ok(commits > 0 && links > 0, 'the sample has commits of these days');
        assert.equal(await chart.locator('rect.commits').count(), days.filter((day) => day.commits > 0).length);
        assert.equal(await chart.locator('rect.links').count(), days.filter((day) => day.links > 0).length);
        await page.getByText('Day by day').click();
        const table = page.getByRole('table', { name: /^Commits and links to issues of each day/ });
        assert.equal(await table.locator('tbody tr').count(), days.filter((day) => day.commits > 0).length);
        await page.context().close();
      });
    }

    test('the keyboard reaches the menu of an account, and leaves it', async () => {
      const page = await visitor();
      await page.goto(`${demo.dovetail.url}/accounts`);
      const menu = page.locator('.accounts details.menu');
      const opener = menu.locator('summary');
      await page.locator('.accounts a.name').first().focus();
      await until(async () => {
        await page.keyboard.press('Tab');
        return opener.evaluate((element) => element === document.activeElement);
      });
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const focused = () => page.evaluate(() => document.activeElement.textContent);
      assert.equal(await focused(), 'Refresh repositories');
      await page.keyboard.press('Escape');
      assert.equal(await menu.getAttribute('open'), null);
      assert.ok(await opener.evaluate((element) => element === document.activeElement), 'the focus is not lost');
      // All that can be pressed has a name of its own, so that a list read aloud tells them apart.
      const names = await page.locator('.accounts').getByRole('link').evaluateAll((links) => links.map((link) => link.ariaLabel || link.textContent));
      assert.ok(names.every((name) => name.trim().length > 0), names.join());
      await page.keyboard.press('Enter');
      const remove = menu.getByRole('link', { name: 'Remove' });
      await remove.press('Enter');
      await page.getByRole('heading', { name: /^Remove .*\?$/ }).waitFor();
    });

    test('the question says what goes, and keeping it keeps it', async () => {
      const page = await visitor({ javaScriptEnabled: false });
      const [{ linked }] = await dovetail('GET', '/accounts');
      const repositories = await dovetail('GET', `${account}/repositories`);
      const branches = repositories.filter((one) => one.linked).reduce((sum, one) => sum + one.branches, 0);
      await page.goto(`${demo.dovetail.url}${account}/remove`);
      const lines = await page.locator('.goes li').allInnerTexts();
      assert.equal(lines[0], `${linked} repositories`);
      assert.match(lines[1], /^[1-9][\d,]* commits$/);
      assert.equal(lines[2], `${branches} branches`);
      assert.match(lines[3], /^[1-9]\d* merge requests?$/);
      assert.match(lines[4], /^[1-9][\d,]* links to issues$/);
      await until(async () => {
        await page.reload();
        const [links = ''] = await page.locator('.withdrawn li').allInnerTexts();
        return /^Jira: [1-9]\d* remote links? on its issues$/.test(links);
      });
      await page.getByRole('link', { name: 'Keep it' }).click();
      await page.getByRole('heading', { name: 'Repositories' }).waitFor();
    });

    for (const colorScheme of ['light', 'dark']) {
      test(`the pages look right in ${colorScheme}, on a screen and on a phone`, async () => {
        const page = await visitor({ colorScheme });
        for (const path of ['/accounts', account, `${account}/authorise`, `${account}/remove`]) {
          await page.setViewportSize({ width: 1280, height: 900 });
          await page.goto(demo.dovetail.url + path);
          await expectAccessible(page);
          await picture(page, `${engine}-${path}-${colorScheme}-wide`);
          await page.setViewportSize({ width: 360, height: 740 });
          await expectFits(page);
          await expectAccessible(page);
          await picture(page, `${engine}-${path}-${colorScheme}-phone`);
          const menu = page.locator('.account details.menu');
          if (await menu.count()) {
            await menu.locator('summary').click();
            const { x, width } = await menu.locator('.sheet').boundingBox();
            assert.ok(x >= 0 && x + width <= 360, `the menu lies from ${x} to ${x + width} in a window of 360`);
            await expectFits(page);
            await expectAccessible(page);
            await page.keyboard.press('Escape');
          }
          const days = page.getByText('Day by day');
          if (await days.count()) {
            await days.click();
            await expectFits(page);
            await expectAccessible(page);
          }
        }
        await page.context().close();
      });
    }

    test('what was removed is gone from the list', async () => {
      const page = await visitor();
      await page.goto(`${demo.dovetail.url}${account}/remove`);
      await page.getByRole('button', { name: 'Remove account' }).click();
      await page.waitForURL(/\/accounts$/);
      await until(async () => {
        await page.reload();
        return page.getByRole('heading', { name: 'No accounts yet' }).count();
      });
    });
  });

  describe(`an account that is no longer let in, on ${engine}`, () => {
    let browser;
    let dovetail;
    let gitlab;
    let page;

    before(async () => {
      [browser, dovetail] = await Promise.all([
        openBrowser(),
        freshDatabase(engine).then((env) => startDovetail({ env })),
      ]);
      gitlab = await startGitlab('--redirect-uri', `${dovetail.url}/oauth/callback`);
      page = await (await browser.newContext()).newPage();
    });

    after(async () => {
      await browser?.close();
      await dovetail?.stop();
      await gitlab?.stop();
    });

    test('one click in the list lets it in again', async () => {
      await begin(page, dovetail);
      await connect(page, dovetail, gitlab);
      // when the forge takes back what it was authorised to do
      await gitlab.say('revoke');
      await page.goto(`${dovetail.url}/accounts`);
      await page.locator('.accounts details.menu summary').click();
      await page.getByRole('button', { name: 'Refresh repositories' }).click();
      const again = page.getByRole('button', { name: /^Authorise again at GitLab/ });
      await until(async () => {
        await page.goto(`${dovetail.url}/accounts`);
        return again.count();
      });
      // then the list says so, and why
      const row = page.locator('.accounts > li');
      assert.match(await row.innerText(), /needs authorisation/i);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width: 1280, height: 900 });
        await expectAccessible(page);
        await picture(page, `${engine}-needs-authorisation-${colorScheme}-wide`);
        await page.setViewportSize({ width: 360, height: 740 });
        await expectFits(page);
        await expectAccessible(page);
        await picture(page, `${engine}-needs-authorisation-${colorScheme}-phone`);
      }
      const more = row.locator('details.why summary');
      if (await more.count()) {
        await more.press('Enter');
        await row.locator('details.why[open] p').waitFor();
        await expectFits(page);
      }
      // and one click and the forge's consent later it goes on
      await again.press('Enter');
      await consent(page, dovetail, gitlab);
      await until(async () => {
        await page.goto(`${dovetail.url}/accounts`);
        return /up to date/.test(await row.innerText());
      });
      assert.equal(await again.count(), 0);
    });
  });
}

async function picture(page, name) {
  const folder = process.env.DOVETAIL_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name.replaceAll(/[^\w]+/g, '_')}.png`, fullPage: true });
}
