// Starts the real programs for a test, and stops only what it started.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BINARY = process.env.DOVETAIL_BINARY;
if (!BINARY) throw new Error('DOVETAIL_BINARY is not set: run `cargo xtask test --only browser`');

/** Starts a program and waits for the first line of its standard output that `wanted` turns into something. */
async function start(program, args, env, wanted) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  // What a test that failed did not come to stop must not outlive it.
  process.once('exit', () => child.kill('SIGKILL'));
  const log = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const lines = createInterface({ input: child.stdout });
  const answer = await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const found = wanted(line);
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${log.join('\n')}`)));
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  };
  /** Sends a line to it, and waits for the line that it answers. */
  const say = (line) => {
    const answered = new Promise((resolve) => lines.once('line', resolve));
    child.stdin.write(`${line}\n`);
    return answered;
  };
  return { answer, log, say, stop };
}

async function temporary() {
  const folder = await mkdtemp(join(tmpdir(), 'dovetail-browser-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `dovetail demo --format json`, once it says that it is ready. */
export async function startDemo({ args = [], env = {} } = {}) {
  const { folder, remove } = await temporary();
  const all = ['demo', '--listen', '127.0.0.1:0', '--data-dir', join(folder, 'demo'), '--format', 'json', ...args];
  const program = await start(BINARY, all, env, (line) => JSON.parse(line));
  return {
    ...program.answer,
    log: program.log,
    async stop() {
      await program.stop();
      await remove();
    },
  };
}

/** A stand-in GitLab in a process of its own, with the sample and pages that ask for log-in and consent; it takes commands. */
export async function startGitlab(...more) {
  const { folder, remove } = await temporary();
  const binary = join(dirname(BINARY), 'sandbox-gitlab');
  const args = ['--listen', '127.0.0.1:0', '--data-dir', folder, '--sample', ...more];
  const program = await start(binary, args, {}, (line) => JSON.parse(line));
  return {
    ...program.answer,
    say: program.say,
    async stop() {
      await program.stop();
      await remove();
    },
  };
}

/** A stand-in Jira in a process of its own, with the sample's issues; its commands are answered by what they tell. */
export async function startJira(...args) {
  const binary = join(dirname(BINARY), 'sandbox-jira');
  const program = await start(binary, ['--sample', ...args], {}, (line) => JSON.parse(line));
  const say = async (command) => {
    const answer = JSON.parse(await program.say(command));
    if (answer.error) throw new Error(`${command}: ${answer.error}`);
    return answer;
  };
  return { ...program.answer, say, stop: program.stop };
}

/** `dovetail serve` on an empty data directory. */
export async function startDovetail({ env = {} } = {}) {
  const { folder, remove } = await temporary();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const all = {
    DOVETAIL_SERVER_LISTEN: `127.0.0.1:${port}`,
    DOVETAIL_SERVER_PUBLIC_URL: url,
    DOVETAIL_SERVER_DATA_DIR: folder,
    ...env,
  };
  const program = await start(BINARY, ['serve'], all, (line) => line.match(/https?:\S+\/setup\?\S+/)?.[0]);
  return {
    url,
    setupLink: program.answer,
    log: program.log,
    environment: all,
    command: (...args) => promisify(execFile)(BINARY, args, { env: { ...process.env, ...all } }),
    async stop() {
      await program.stop();
      await remove();
    },
  };
}
