// The page of one account: what an administrator switches there, and what it says when something is wrong.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { begin, connect } from './harness/account.mjs';
import { openBrowser } from './harness/browser.mjs';
import { engines, freshDatabase } from './harness/database.mjs';
import { expectAccessible, expectFits, rest, until } from './harness/page.mjs';
import { startDovetail, startGitlab } from './harness/programs.mjs';

for (const engine of engines()) {
  describe(`the page of an account on ${engine}`, () => {
    let browser;
    let dovetail;
    let gitlab;
    let page;
    let account;

    before(async () => {
      [browser, dovetail] = await Promise.all([
        openBrowser(),
        freshDatabase(engine).then((env) => startDovetail({ env })),
      ]);
      gitlab = await startGitlab('--redirect-uri', `${dovetail.url}/oauth/callback`);
      page = await (await browser.newContext()).newPage();
      await begin(page, dovetail);
    });

    after(async () => {
      await browser?.close();
      await dovetail?.stop();
      await gitlab?.stop();
    });

    /** The row of a repository, by the end of its path. */
    const row = (end) => page.locator('table.repositories tbody tr').filter({ has: page.locator('td.name', { hasText: new RegExp(`${end}$`) }) });
    const visit = () => page.goto(dovetail.url + account);
    const menu = async (name) => {
      await visit();
      await page.locator('.account details.menu > summary').click();
      return page.locator('.account .sheet').getByRole('button', { name });
    };
    const createProject = async (name) => {
      const token = gitlab.root_token;
      const [group] = await rest(`${gitlab.url}/api/v4`, token, 'GET', `/groups?search=${gitlab.group}`);
      const body = { name, path: name, namespace_id: group.id, initialize_with_readme: true };
      return rest(`${gitlab.url}/api/v4`, token, 'POST', '/projects', body);
    };

    test('before there is an account, the list says what to do', async () => {
      await page.goto(`${dovetail.url}/accounts`);
      await page.getByRole('heading', { name: 'No accounts yet' }).waitFor();
      await expectAccessible(page);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectFits(page);
      await page.setViewportSize({ width: 1280, height: 900 });
      assert.ok(await page.getByRole('link', { name: /Add account/ }).isVisible());
    });

    test('an import shows how far it is, and the page which forge it is of', async () => {
      await gitlab.say('latency 150');
      await gitlab.say('refuse /api/v4/*/hooks* 403');
      await connect(page, dovetail, gitlab, async () => {
        await page.locator('[data-progress]').first().waitFor();
        await expectAccessible(page);
        await gitlab.say('latency 0');
      });
      account = new URL(page.url()).pathname;
      await page.getByText(/up to date/).first().waitFor({ timeout: 60_000 });
      assert.match(await page.locator('.account .where').innerText(), /GitLab/);
      assert.match(await page.locator('.status').innerText(), /authorised by Integration \(integration\)/);
      assert.match(await page.locator('.status').innerText(), /last activity/);
    });

    test('web hooks that the forge refuses are to be pasted, with their address and secret', async () => {
      await until(async () => {
        await visit();
        return page.locator('.status a.warn').count();
      });
      await page.locator('.status a.warn').click();
      const paste = page.locator('details.paste').first();
      if (!(await paste.evaluate((details) => details.open))) await paste.locator('summary').press('Enter');
      const address = await paste.locator('code').first().innerText();
      assert.ok(address.startsWith(`${dovetail.url}/hooks/gitlab/`), address);
      await expectAccessible(page);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectFits(page);
      await page.setViewportSize({ width: 1280, height: 900 });
      await gitlab.say('mend');
    });

    test('one repository is unlinked and linked again', async () => {
      await visit();
      const path = await page.locator('td.name').first().innerText();
      const linked = page.getByRole('switch', { name: `Linked: ${path}` });
      assert.equal(await linked.getAttribute('aria-checked'), 'true');
      for (const expected of ['false', 'true']) {
        await linked.press('Enter');
        await until(async () => (await linked.getAttribute('aria-checked')) === expected);
      }
      await expectAccessible(page);
    });

    test('one repository is paused and resumed, and its smart commits are switched', async () => {
      await visit();
      const open = async () => {
        await page.locator('details.menu > summary[aria-label^="More for"]').first().click();
        return page.locator('td.actions details[open] .sheet').first();
      };
      await (await open()).getByRole('button', { name: 'Pause' }).click();
      await page.locator('td.state').first().getByText('paused').waitFor();
      await (await open()).getByRole('button', { name: 'Resume' }).click();
      await until(async () => !/paused/.test(await page.locator('td.state').first().innerText()));
      const before = await (await open()).getByRole('button', { name: /^Smart commits/ }).innerText();
      await page.locator('td.actions details[open]').getByRole('button', { name: /^Smart commits/ }).click();
      await page.waitForLoadState();
      const behind = await (await open()).getByRole('button', { name: /^Smart commits/ }).innerText();
      assert.notEqual(behind.includes('✓'), before.includes('✓'));
    });

    for (const [button, made] of [['Auto-link new repositories', 'fetched-by-hand'], ['Auto-link new repositories', 'linked-by-itself']]) {
      const wished = made === 'linked-by-itself';

      test(`with ${button} ${wished ? 'on' : 'off'}, a new repository is ${wished ? '' : 'not '}linked once the list was refreshed`, async () => {
        await (await menu(button)).click();
        await until(async () => (await (await menu(button)).innerText()).includes('✓') === wished);
        await createProject(made);
        await visit();
        await page.getByRole('button', { name: 'Refresh repositories' }).first().click();
        await until(async () => {
          await visit();
          return row(made).count();
        });
        assert.equal(await row(made).getByRole('switch').getAttribute('aria-checked'), String(wished));
      });
    }

    test('smart commits on new repositories are switched', async () => {
      const before = (await (await menu('Smart commits on new repositories')).innerText()).includes('✓');
      await page.locator('.account .sheet').getByRole('button', { name: 'Smart commits on new repositories' }).click();
      await until(async () => (await (await menu('Smart commits on new repositories')).innerText()).includes('✓') !== before);
    });

    test('a full sync tells what it changed', async () => {
      await (await menu('Full sync')).click();
      await until(async () => {
        await visit();
        return /full sync .*: /.test(await page.locator('td.state').first().innerText());
      });
    });

    test('an account is paused, says so, and is resumed', async () => {
      await (await menu('Pause')).click();
      await page.locator('.account').getByText('paused').first().waitFor();
      await expectAccessible(page);
      await (await menu('Resume')).click();
      await until(async () => {
        await visit();
        return !(await page.locator('.account .lozenge', { hasText: 'paused' }).count());
      });
    });

    test('a repository that fails says why behind "show more", and is found by its state', async () => {
      await visit();
      const path = await page.locator('td.name').first().innerText();
      const { id } = await rest(`${gitlab.url}/api/v4`, gitlab.root_token, 'GET', `/projects/${encodeURIComponent(path)}`);
      for (const rule of [`/${path}.git/* 403`, `/api/v4/projects/${id}/* 403`]) await gitlab.say(`refuse ${rule}`);
      await page.locator('td.actions form[data-sync] button').first().click();
      await until(async () => {
        await page.goto(`${dovetail.url}${account}?show=failed`);
        return page.locator('td.state').count();
      });
      assert.equal(await page.locator('td.name').first().innerText(), path);
      const why = page.locator('td.state details.why').first();
      await why.locator('summary').press('Enter');
      assert.ok((await why.locator('p').innerText()).length > 40);
      await expectAccessible(page);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectFits(page);
      await page.setViewportSize({ width: 1280, height: 900 });
      await gitlab.say('mend');
      await page.locator('td.actions form[data-sync] button').first().click();
      await until(async () => {
        await page.goto(`${dovetail.url}${account}?show=failed`);
        return page.getByRole('heading', { name: 'No repository matches' }).count();
      });
    });

    test('its authorisation is reset by an access token, and the page says by whom', async () => {
      await visit();
      await page.locator('.account details.menu > summary').click();
      await page.getByRole('link', { name: 'Reset authorisation …' }).click();
      await page.getByText('Authorising account: Integration (integration)').waitFor();
      await page.getByLabel('Access token').fill('glpat-not-known');
      await page.getByRole('button', { name: 'Use this token' }).click();
      await page.getByRole('alert').waitFor();
      await expectAccessible(page);
      await page.getByLabel('Access token').fill(gitlab.access_token);
      await page.getByRole('button', { name: 'Use this token' }).click();
      await page.waitForURL((url) => url.pathname === account);
      await page.getByText(/up to date/).first().waitFor();
    });
  });
}
