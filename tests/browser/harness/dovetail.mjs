// Starts the real program for a test, and stops only what it started.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = process.env.DOVETAIL_BINARY;
if (!BINARY) throw new Error('DOVETAIL_BINARY is not set: run `cargo xtask test --only browser`');

/** `dovetail demo --format json`, once it says that it is ready. */
export async function startDemo({ args = [], env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dovetail-browser-'));
  const child = spawn(
    BINARY,
    ['demo', '--listen', '127.0.0.1:0', '--data-dir', folder, '--format', 'json', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`demo ended with ${code}:\n${log.join('\n')}`)));
  });
  return {
    ...JSON.parse(line),
    log,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
