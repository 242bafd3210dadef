// Connects an account as an administrator does: Dovetail's own pages, then the forge's.

const PASSWORD = 'a long enough password';

/** Makes the first administrator, who is logged in then. */
export async function begin(page, dovetail) {
  await page.goto(dovetail.setupLink);
  await page.getByLabel('Log-in').fill('admin');
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByLabel('The same password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/setup'));
}

/** Connects the sample's group by its application, as its integration user; `meanwhile` happens while it is imported. */
export async function connect(page, dovetail, gitlab, meanwhile = async () => {}) {
  await page.goto(`${gitlab.url}/users/sign_in`);
  await page.getByLabel('Username or primary email').fill('integration');
  await page.getByLabel('Password').fill(gitlab.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.goto(`${dovetail.url}/accounts/new`);
  await page.getByLabel('GitLab Self-Managed').check();
  await page.getByLabel('Host URL').fill(gitlab.url);
  await page.getByLabel('Team or User Account').fill(gitlab.group);
  await page.getByLabel('Client ID').fill(gitlab.application_id);
  await page.getByLabel('Client Secret').fill(gitlab.application_secret);
  await page.getByRole('button', { name: /^Add/ }).click();
  await consent(page, dovetail, gitlab);
  await page.getByRole('button', { name: 'Use this log-in' }).click();
  await page.waitForURL(/\/accounts\/\d+$/);
  await meanwhile();
  await page.getByText(/up to date/).first().waitFor({ timeout: 60_000 });
}

/** The forge asks the user; one who consented before may be sent straight back. */
export async function consent(page, dovetail, gitlab) {
  await page.waitForURL((url) => url.pathname.startsWith('/oauth/authorize') || url.href.startsWith(`${dovetail.url}/accounts/`));
  if (page.url().startsWith(gitlab.url)) {
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL((url) => url.href.startsWith(dovetail.url));
  }
}
