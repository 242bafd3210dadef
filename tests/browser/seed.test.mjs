// The seed, step by step, as a person walks it: "Configure a GitLab application for DVCS", "Configure Jira for DVCS".
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser } from './harness/browser.mjs';
import { engines, freshDatabase } from './harness/database.mjs';
import { watchForeignRequests } from './harness/page.mjs';
import { startDovetail, startGitlab } from './harness/programs.mjs';

const PASSWORD = 'a long enough password';

for (const engine of engines()) {
  describe(`the seed on ${engine}`, () => {
    let browser;
    let gitlab;
    let dovetail;
    let page;

    before(async () => {
      [browser, gitlab, dovetail] = await Promise.all([
        openBrowser(),
        startGitlab(),
        freshDatabase(engine).then((env) => startDovetail({ env })),
      ]);
      page = await (await browser.newContext()).newPage();
    });

    after(async () => {
      await browser?.close();
      await dovetail?.stop();
      await gitlab?.stop();
    });

    test('a group and a personal namespace are connected and imported', async () => {
      const foreign = watchForeignRequests(page, dovetail.url, gitlab.url);
      await becomeAdministrator(page, dovetail);
      const uris = await redirectUris(page, dovetail);
      await createUser(browser, gitlab);
      const { id, secret } = await createApplication(page, gitlab, uris);

      const group = { path: gitlab.group, id, secret };
      await addAccount(page, dovetail, gitlab, group);
      await authorise(page, gitlab);
      await confirmAndAwaitImport(page, dovetail);

      await page.goto(`${dovetail.url}/issues/${gitlab.issues[0]}`);
      await page.getByRole('heading', { name: gitlab.issues[0] }).waitFor();
      assert.match(await page.locator('main').innerText(), /[1-9]\d* commit/);

      const personal = { path: gitlab.personal_namespace, id, secret };
      await addAccount(page, dovetail, gitlab, personal);
      await authorise(page, gitlab);
      await confirmAndAwaitImport(page, dovetail);
      await page.goto(`${dovetail.url}/accounts`);
      const accounts = await page.locator('main').innerText();
      assert.ok(accounts.includes(gitlab.group) && accounts.includes(gitlab.personal_namespace), accounts);
      assert.doesNotMatch(accounts, /\b0 repositories/);
      assert.deepEqual(foreign, []);
    });

    test('the same account again is refused with a link to the first', async () => {
      await page.goto(`${dovetail.url}/accounts/new`);
      await page.getByLabel('GitLab Self-Managed').check();
      await page.getByLabel('Host URL').fill(gitlab.url);
      await page.getByLabel('Team or User Account').fill(gitlab.group.toUpperCase());
      await page.getByLabel('Client ID').fill('anything');
      await page.getByLabel('Client Secret').fill('anything');
      await page.getByRole('button', { name: /^Add/ }).click();
      await page.getByRole('link', { name: 'Open the existing account' }).click();
      assert.match(page.url(), /\/accounts\/\d+$/);
    });
  });
}

async function becomeAdministrator(page, dovetail) {
  await page.goto(dovetail.setupLink);
  await page.getByLabel('Log-in').fill('admin');
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByLabel('The same password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/setup'));
}

/** What Dovetail shows to paste, before anything else is known. */
async function redirectUris(page, dovetail) {
  await page.goto(`${dovetail.url}/accounts`);
  await page.getByRole('link', { name: /Add account|Connect/ }).first().click();
  await page.getByLabel('GitLab Self-Managed').check();
  const uris = await page.locator('#redirect-uris').innerText();
  assert.equal(uris.trim(), `${dovetail.url}/oauth/callback\n${dovetail.url}/login/oauth/callback`);
  return uris.trim();
}

/** GitLab's administrator creates the user `jira` and lets it into the group. */
async function createUser(browser, gitlab) {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, gitlab, gitlab.root_login, gitlab.root_password);
  await page.goto(`${gitlab.url}/admin/users/new`);
  await page.getByLabel('Name', { exact: true }).fill('Jira');
  await page.getByLabel('Username').fill('jira');
  await page.getByLabel('Email').fill('jira@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('status').waitFor();
  const [jira] = await ask(gitlab, 'GET', '/users?username=jira');
  const reporter = { user_id: jira.id, access_level: 20 };
  await ask(gitlab, 'POST', `/groups/${encodeURIComponent(gitlab.group)}/members`, reporter);
  const [person] = await ask(gitlab, 'GET', `/users?username=${gitlab.personal_namespace}`);
  for (const project of await ask(gitlab, 'GET', `/users/${person.id}/projects`)) {
    await ask(gitlab, 'POST', `/projects/${project.id}/members`, reporter);
  }
  await page.context().close();
}

async function ask(gitlab, method, path, body) {
  const answer = await fetch(`${gitlab.url}/api/v4${path}`, {
    method,
    headers: { 'PRIVATE-TOKEN': gitlab.root_token, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

async function signIn(page, gitlab, login, password) {
  await page.goto(`${gitlab.url}/users/sign_in`);
  await page.getByLabel('Username or primary email').fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The user `jira` registers the application as the seed says. */
async function createApplication(page, gitlab, uris) {
  await signIn(page, gitlab, 'jira', PASSWORD);
  await page.getByRole('link', { name: 'Edit profile' }).click();
  await page.getByRole('link', { name: 'Applications' }).first().click();
  await page.getByLabel('Name').fill('Jira');
  await page.getByLabel('Redirect URI').fill(uris);
  await page.getByRole('checkbox', { name: /^api\b/ }).check();
  await page.getByRole('button', { name: 'Save application' }).click();
  const id = await page.locator('#application_id').innerText();
  const secret = await page.locator('#secret').innerText();
  return { id, secret };
}

async function addAccount(page, dovetail, gitlab, { path, id, secret }) {
  await page.goto(`${dovetail.url}/accounts/new`);
  await page.getByLabel('GitLab Self-Managed').check();
  await page.getByLabel('Host URL').fill(`${gitlab.url}/`);
  await page.getByLabel('Team or User Account').fill(path);
  await page.getByLabel('Client ID').fill(id);
  await page.getByLabel('Client Secret').fill(secret);
  assert.ok(await page.getByLabel('Auto-link new repositories').isChecked());
  assert.ok(await page.getByLabel('Enable smart commits').isChecked());
  await page.getByRole('button', { name: /^Add/ }).click();
}

/** GitLab asks the user; a user who consented before may be sent straight back. */
async function authorise(page, gitlab) {
  await page.waitForURL((url) => url.href.startsWith(gitlab.url) || url.pathname.startsWith('/accounts'));
  if (page.url().startsWith(gitlab.url)) {
    assert.ok(page.url().includes('scope=api'), page.url());
    await page.getByRole('button', { name: 'Authorize' }).click();
  }
}

async function confirmAndAwaitImport(page, dovetail) {
  await page.getByText('@jira').waitFor();
  await page.getByRole('button', { name: 'Use this log-in' }).click();
  await page.waitForURL(new RegExp(`${dovetail.url}/accounts/\\d+`));
  // Progress moves without reload: the state of some repository becomes "up to date" on this very page.
  await page.getByText(/up to date/).first().waitFor({ timeout: 60_000 });
}
