// Starts Debian's Chromium for one test file.
import { chromium } from 'playwright-core';

const QUIET = [
  '--no-sandbox', // Chromium refuses root without it
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.DOVETAIL_CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
}
