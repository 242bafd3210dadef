// Pushes as developers do: with git.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Pushes a commit to a project's default branch, and tells its id. */
export async function pushCommit({ url, token, author, message }) {
  const folder = await mkdtemp(join(tmpdir(), 'dovetail-push-'));
  const person = { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email };
  const committer = { GIT_COMMITTER_NAME: author.name, GIT_COMMITTER_EMAIL: author.email };
  const env = { ...process.env, ...person, ...committer, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = async (...args) => (await promisify(execFile)('git', ['-C', folder, ...args], { env })).stdout.trim();
  try {
    const remote = new URL(url);
    Object.assign(remote, { username: 'oauth2', password: token });
    await git('clone', '--quiet', '--depth', '1', remote.href, '.');
    await git('commit', '--quiet', '--allow-empty', '--message', message);
    await git('push', '--quiet', 'origin', 'HEAD');
    return await git('rev-parse', 'HEAD');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
