// Jiras as administrators meet them: added and tested, told, paused and removed; and the answer to what is missing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser } from './harness/browser.mjs';
import { expectAccessible, expectFits, logIn, rest, until } from './harness/page.mjs';
import { startDemo, startJira } from './harness/programs.mjs';

describe('sites, deliveries and explanations', () => {
  let browser;
  let demo;
  let commit;

  before(async () => {
    [browser, demo] = await Promise.all([openBrowser(), startDemo()]);
    const gitlab = (path) => rest(`${demo.gitlab.url}/api/v4`, demo.gitlab.access_token, 'GET', path);
    const projects = await gitlab(`/groups/${demo.gitlab.group}/projects?include_subgroups=true`);
    const { id } = projects.find(({ default_branch }) => default_branch);
    [commit] = await gitlab(`/projects/${id}/repository/commits`);
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

  /** Fills in the form as far as a Jira of one's own needs it, and leads to its page. */
  async function add(page, { name, url, token }) {
    await page.goto(`${demo.dovetail.url}/sites`);
    await page.getByRole('link', { name: '+ Add a Jira' }).click();
    await page.getByLabel('Server or Data Center').check();
    await page.getByLabel('Base URL').fill(url);
    await page.getByRole('textbox', { name: /^Name\b/ }).fill(name);
    await page.locator('[name="token"]').fill(token);
    await page.getByRole('button', { name: 'Add and test' }).click();
    await page.waitForURL(/\/sites\/\d+$/);
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  /** Has links of branches delivered to a site, too, of which its Jira does not take the first; the page is the site's. */
  async function haveOneRefused(page, jira, name) {
    await until(async () => {
      await page.reload();
      // None is there before the first thing was told: what waits for it would wait on a page that does not change.
      const [told = ''] = await page.locator('.facts-list dd').allInnerTexts();
      return /^\d+ things told$/.test(told);
    });
    await jira.say('fail 400 POST */remotelink');
    await page.getByRole('checkbox', { name: /^Links of branches/ }).check();
    await page.getByRole('button', { name: 'Save and test' }).click();
    await page.locator('.stages').waitFor();
    return until(async () => {
      const rows = await deliveries(page, name, 'refused');
      return (await rows.count()) === 1 && rows;
    });
  }

  /** The deliveries of a site that ended so, as the filter of their page finds them. */
  async function deliveries(page, site, outcome) {
    await page.goto(`${demo.dovetail.url}/deliveries`);
    await page.getByLabel('Site').selectOption(site);
    await page.getByLabel('Outcome').selectOption(outcome);
    await page.getByRole('button', { name: 'Filter' }).click();
    return page.locator('.deliveries tbody tr');
  }

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with a script' : 'without a script';

    test(`a Jira is added, tested, told again, paused and removed ${how}`, async (context) => {
      const jira = await startJira();
      context.after(() => jira.stop());
      const page = await visitor({ javaScriptEnabled });
      const name = `A second Jira ${how}`;

      await add(page, { name, url: `${jira.url}/secure/Dashboard.jspa`, token: jira.token });
      const stages = page.locator('.stages li');
      assert.ok((await stages.count()) >= 8, await page.locator('#test').innerText());
      assert.equal(await stages.filter({ has: page.locator('.lozenge.bad') }).count(), 0);
      await until(async () => {
        await page.reload();
        return (await page.locator('#projects li').filter({ hasText: 'SHOP' }).count()) === 1;
      });

      const refused = await haveOneRefused(page, jira, name);
      const [key] = (await refused.locator('td.name a').getAttribute('href')).match(/[A-Z]+-\d+$/);
      const before = (await jira.say(`issue ${key}`)).remote_links.length;
      await refused.getByRole('button', { name: /^Retry/ }).click();
      await page.waitForURL(/outcome=refused/);
      await until(async () => (await jira.say(`issue ${key}`)).remote_links.length > before);

      await page.goto(`${demo.dovetail.url}/sites`);
      await page.getByRole('link', { name }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.locator('.top-row').getByText('paused').waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor();

      await page.getByRole('link', { name: 'Remove …' }).click();
      await page.getByRole('link', { name: 'Keep it' }).click();
      await page.getByRole('link', { name: 'Remove …' }).click();
      await page.getByRole('heading', { name: `Remove ${name}?` }).waitFor();
      await page.getByRole('button', { name: 'Remove site' }).click();
      await page.waitForURL(/\/sites$/);
      await until(async () => {
        await page.reload();
        return (await page.getByRole('link', { name }).count()) === 0;
      });
      await page.getByRole('link', { name: 'Jira', exact: true }).waitFor();
      await page.context().close();
    });
  }

  test('a form that does not do says why, beside what was typed', async () => {
    const page = await visitor();
    await page.goto(`${demo.dovetail.url}/sites/new`);
    await page.getByLabel('Base URL').fill(`${demo.jira.url}/`);
    await page.locator('[name="token"]').fill(demo.jira.token);
    await page.getByRole('button', { name: 'Add and test' }).click();
    await page.locator('.wrong').first().waitFor();
    assert.equal(await page.getByLabel('Base URL').inputValue(), `${demo.jira.url}/`);
    assert.equal(await page.locator('[name="token"]').inputValue(), '', 'secrets are not sent back');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Open that site' }).click();
    await page.getByRole('heading', { name: 'Jira', level: 1 }).waitFor();
  });

  test('which fields are there follows from which Jira it is', async () => {
    const page = await visitor({ javaScriptEnabled: false });
    await page.goto(`${demo.dovetail.url}/sites/new`);
    assert.ok(!(await page.getByLabel('Client ID').isVisible()));
    await page.getByLabel('Cloud', { exact: true }).check();
    assert.ok(await page.getByLabel('Client ID').isVisible());
    assert.ok(!(await page.locator('[name="token"]').isVisible()));
  });

  test('a key, a short commit id and something unknown are explained', async () => {
    const page = await visitor();
    const ask = async (text) => {
      await page.goto(`${demo.dovetail.url}/explain`);
      await page.getByRole('searchbox', { name: 'Issue key, commit, branch or address' }).fill(text);
      await page.getByRole('button', { name: 'Explain' }).click();
      await page.locator('[data-kind]').first().waitFor();
      return page.getByRole('heading', { level: 2 }).innerText();
    };
    assert.match(await ask(demo.issues[0].toLowerCase()), new RegExp(`${demo.issues[0]} is shown with`));
    assert.match(await ask(commit.id.slice(0, 7)), new RegExp(`^Commit ${commit.id.slice(0, 7)}`));
    assert.match(await ask('deadbeefdeadbeef'), /deadbeefdeadbeef|unknown|not/);
    assert.ok((await page.locator('.story .remedy').count()) > 0, 'and it says what to do');
  });

  describe('look right', () => {
    let jira;
    const paths = [];

    before(async () => {
      // One that answers nothing any more, and one in Cloud whose credentials are no good.
      jira = await startJira('--cloud');
      const page = await visitor();
      const gone = await startJira();
      const name = 'Jira of a department that was closed';
      await add(page, { name, url: gone.url, token: gone.token });
      paths.push(new URL(page.url()).pathname);
      await haveOneRefused(page, gone, name);
      await gone.stop();
      await page.goto(demo.dovetail.url + paths[0]);
      await page.getByRole('button', { name: 'Test', exact: true }).click();
      await page.locator('.stages .lozenge.bad').first().waitFor();
      await page.goto(`${demo.dovetail.url}/sites/new`);
      await page.getByLabel('Cloud', { exact: true }).check();
      await page.getByLabel('Base URL').fill(jira.url);
      await page.getByLabel('Client ID').fill('nobody');
      await page.getByLabel('Client Secret').fill('nothing');
      await page.getByRole('button', { name: 'Add and test' }).click();
      await page.waitForURL(/\/sites\/\d+$/);
      paths.push(new URL(page.url()).pathname);
      await page.context().close();
      const [first] = paths;
      const explained = ['/explain', `/explain?q=${demo.issues[0]}`, `/explain?q=${commit.id.slice(0, 7)}`, '/explain?q=nowhere'];
      paths.push(`${first}/remove`, '/sites', '/sites/new', '/deliveries', '/deliveries?outcome=refused', ...explained);
    });

    after(() => jira?.stop());

    for (const colorScheme of ['light', 'dark']) {
      test(`in ${colorScheme}, on a screen and on a phone`, async () => {
        const page = await visitor({ colorScheme });
        for (const path of paths) {
          await page.setViewportSize({ width: 1280, height: 900 });
          await page.goto(demo.dovetail.url + path);
          await expectAccessible(page);
          await picture(page, `${path}-${colorScheme}-wide`);
          await page.setViewportSize({ width: 360, height: 740 });
          await expectFits(page);
          if (colorScheme === 'light') await expectAccessible(page);
          await picture(page, `${path}-${colorScheme}-phone`);
        }
        await page.context().close();
      });
    }
  });
});

async function picture(page, name) {
  const folder = process.env.DOVETAIL_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name.replaceAll(/[^\w]+/g, '_')}.png`, fullPage: true });
}
