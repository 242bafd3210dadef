// Databases for one test: SQLite in the data directory, or a fresh one in the suite's PostgreSQL.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The engines to test on; PostgreSQL is left out, loudly, where the suite gave none. */
export function engines() {
  if (process.env.DOVETAIL_TEST_POSTGRES) return ['sqlite', 'postgres'];
  console.log('DOVETAIL_TEST_POSTGRES is not set: PostgreSQL is skipped');
  return ['sqlite'];
}

/** Environment variables that make `dovetail` use a fresh database of the engine. */
export async function freshDatabase(engine) {
  if (engine === 'sqlite') return {};
  const name = `browser_${randomBytes(6).toString('hex')}`;
  const superuser = process.env.DOVETAIL_TEST_POSTGRES;
  await run('psql', [superuser, '-qc', `CREATE DATABASE ${name}`]);
  const url = new URL(superuser);
  url.pathname = `/${name}`;
  return { DOVETAIL_STORE_URL: url.toString() };
}
