// The pages of a demo as people meet them: light and dark, large and small, with a script and without.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser } from './harness/browser.mjs';
import { engines, freshDatabase } from './harness/database.mjs';
import { pushCommit } from './harness/git.mjs';
import { expectAccessible, expectFits, logIn, rest, until, watchForeignRequests } from './harness/page.mjs';
import { startDemo } from './harness/programs.mjs';

/** The most that a page may weigh, with everything it loads (issue 2, "The pages"). */
const HEAVIEST = 100 * 1024;

for (const engine of engines()) {
  describe(`the pages on ${engine}`, () => {
    let browser;
    let demo;
    let account;

    before(async () => {
      [browser, demo] = await Promise.all([openBrowser(), freshDatabase(engine).then((env) => startDemo({ env }))]);
      const [{ id }] = await rest(`${demo.dovetail.url}/api/v1`, demo.dovetail.api_token, 'GET', '/accounts');
      account = `/accounts/${id}`;
    });

    after(async () => {
      await browser?.close();
      await demo?.stop();
    });

    async function visitor(options = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      await logIn(page, demo.dovetail.url, demo.dovetail.user, demo.dovetail.password);
      await page.waitForURL((url) => !url.pathname.startsWith('/login'));
      return page;
    }

    const paths = () => [
      '/', '/accounts', '/accounts/new', account, `${account}/hooks`, `${account}/authorise`,
      `/issues/${demo.issues[0]}`, '/issues/NONE-1', '/users', '/sites', '/sites/new',
      '/explain', `/explain?q=${demo.issues[0]}`, '/explain?q=NONE-1', '/explain?q=0123456',
    ];

    for (const colorScheme of ['light', 'dark']) {
      test(`nothing serious is wrong for assistive technology in ${colorScheme}`, async () => {
        const page = await visitor({ colorScheme });
        for (const path of paths()) {
          await page.goto(demo.dovetail.url + path);
          await expectAccessible(page);
        }
      });
    }

    test('pages fit a phone', async () => {
      const page = await visitor({ viewport: { width: 360, height: 740 } });
      for (const path of paths()) {
        await page.goto(demo.dovetail.url + path);
        await expectFits(page);
        await expectAccessible(page);
      }
    });

    test('a page weighs little and asks nobody else', async () => {
      const page = await visitor();
      const foreign = watchForeignRequests(page, demo.dovetail.url);
      for (const path of paths()) {
        let bytes = 0;
        const weigh = async (response) => {
          const { responseBodySize } = await response.request().sizes();
          bytes += responseBodySize;
        };
        const waiting = [];
        page.on('response', (response) => {
          if (!response.url().endsWith('/events')) waiting.push(weigh(response));
        });
        await page.goto(demo.dovetail.url + path);
        await Promise.all(waiting);
        assert.ok(bytes < HEAVIEST, `${path} weighs ${bytes} bytes`);
        page.removeAllListeners('response');
      }
      assert.deepEqual(foreign, []);
    });

    test('every issue of the sample has something to show', async () => {
      const page = await visitor();
      for (const key of demo.issues) {
        await page.goto(`${demo.dovetail.url}/issues/${key}`);
        await page.getByRole('heading', { name: key, level: 1 }).waitFor();
        assert.equal(await page.getByText(`Nothing names ${key} yet`).count(), 0, key);
      }
    });

    test('from an issue to its story, and on to that of a commit', async () => {
      const page = await visitor();
      await page.goto(`${demo.dovetail.url}/issues/${demo.issues[0]}`);
      await page.getByRole('link', { name: 'Why is something missing?' }).click();
      const story = page.getByRole('heading', { level: 2 });
      await story.filter({ hasText: `${demo.issues[0]} is shown with` }).waitFor();
      await page.locator('[data-kind="issue_named_by"] a[href*="/explain?q="]').first().click();
      await story.filter({ hasText: 'is shown with' }).filter({ hasText: /^(Commit|The branch)/ }).waitFor();
      await page.getByRole('searchbox', { name: 'Issue key, commit, branch or address' }).fill('abc-12a');
      await page.getByRole('button', { name: 'Explain' }).click();
      await page.locator('[data-kind]').first().waitFor();
    });

    test('without a script, lists are paged and files are shown on a page of their own', async () => {
      const page = await visitor({ javaScriptEnabled: false });
      await page.goto(`${demo.dovetail.url}/issues/${demo.issues[0]}`);
      await page.locator('#commits a[data-files]').first().click();
      assert.match(await page.locator('main').innerText(), /file/);
    });

    test('with a script, the files of a commit unfold below it', async () => {
      const page = await visitor();
      await page.goto(`${demo.dovetail.url}/issues/${demo.issues[0]}`);
      const before = page.url();
      await page.locator('#commits a[data-files]').first().click();
      await page.locator('#commits .file-list').first().waitFor();
      assert.equal(page.url(), before);
    });

    test('a push shows after a sync, without reloading the account’s page', async () => {
      const page = await visitor();
      const gitlab = (method, path, body) => rest(`${demo.gitlab.url}/api/v4`, demo.gitlab.access_token, method, path, body);
      const projects = await gitlab('GET', `/groups/${demo.gitlab.group}/projects?include_subgroups=true`);
      const project = projects.find(({ default_branch }) => default_branch);
      await gitlab('POST', `/projects/${project.id}/repository/branches?branch=NEWS-77-by-test&ref=${project.default_branch}`);
      const dovetail = (method, path) => rest(`${demo.dovetail.url}/api/v1`, demo.dovetail.api_token, method, path);
      const [account] = await dovetail('GET', '/accounts');
      const repositories = await dovetail('GET', `/accounts/${account.id}/repositories`);
      const repository = repositories.find(({ path }) => path === project.path_with_namespace);
      await dovetail('POST', `/repositories/${repository.id}/sync`);
      await page.goto(`${demo.dovetail.url}/accounts/${account.id}`);
      await until(async () => (await dovetail('GET', '/issues/NEWS-77')).branches === 1);
      await page.goto(`${demo.dovetail.url}/issues/NEWS-77`);
      await page.getByText('NEWS-77-by-test').first().waitFor();
    });

    test('a smart commit that is pushed acts on the issue in Jira, and shows as receipts', async () => {
      const page = await visitor();
      const key = demo.issues.find((issue) => issue.startsWith('SHOP-'));
      const { url, group, access_token: token } = demo.gitlab;
      const projects = await rest(`${url}/api/v4`, token, 'GET', `/groups/${group}/projects?include_subgroups=true`);
      const { http_url_to_repo: remote } = projects.find(({ default_branch }) => default_branch);
      const author = { name: 'Ada Kowalska', email: 'ada.kowalska@example.com' };
      const commit = await pushCommit({ url: remote, token, author, message: `${key} #comment hello #time 1h` });
      const short = commit.slice(0, 8);

      const mine = page.locator('#smart-commits li').filter({ hasText: short });
      await until(async () => {
        await page.goto(`${demo.dovetail.url}/issues/${key}`);
        return (await mine.filter({ hasText: 'done' }).count()) === 2;
      });
      assert.match(await mine.filter({ hasText: '#comment' }).innerText(), /hello/);
      assert.match(await mine.filter({ hasText: '#time' }).innerText(), /1h/);
      await expectAccessible(page);

      await page.goto(`${demo.jira.url}/browse/${key}`);
      await page.locator('.comment').filter({ hasText: 'hello' }).filter({ hasText: author.name }).waitFor();
      await page.locator('.worklog').filter({ hasText: '1h' }).filter({ hasText: short }).waitFor();
    });

    test('the icon syncs what is new; with Shift, and in the menu, everything', async () => {
      const page = await visitor();
      await page.goto(demo.dovetail.url + account);
      const asked = async (click) => {
        const sent = page.waitForRequest((request) => request.url().endsWith('/sync') && request.method() === 'POST');
        const drawn = page.waitForEvent('load');
        await click();
        await drawn;
        return new URLSearchParams((await sent).postData()).get('mode');
      };
      const icon = page.locator('[data-sync] button').first();
      assert.equal(await asked(() => icon.click()), 'soft');
      assert.equal(await asked(() => icon.click({ modifiers: ['Shift'] })), 'full');
      await page.locator('.repositories details.menu summary').first().press('Enter');
      const full = page.locator('.repositories details.menu[open]').getByRole('button', { name: 'Full sync' });
      assert.equal(await asked(() => full.press('Enter')), 'full');
    });

    test('Ctrl-C ends the demo within two seconds, also while a page listens', async () => {
      const page = await visitor();
      await page.goto(`${demo.dovetail.url}/accounts`);
      const begun = performance.now();
      await demo.stop();
      // Generous for a loaded machine; a stream that is waited for would take for ever.
      assert.ok(performance.now() - begun < 5_000);
      demo = undefined;
    });
  });
}
