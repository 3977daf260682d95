import { spawnSync } from 'node:child_process';
import type { TestContext } from './suite.js';

const found = new Map<string, boolean>();

/** Skips the test, saying which program is missing, unless every one of `tools` is installed. */
export function requireTool(t: TestContext, ...tools: string[]): void {
  for (const tool of tools) {
    if (!isInstalled(tool)) t.skip(`${tool} is not installed`);
  }
}

function isInstalled(tool: string): boolean {
  let known = found.get(tool);
  if (known === undefined) {
    const finder = process.platform === 'win32' ? 'where' : 'which';
    known = spawnSync(finder, [tool], { stdio: 'ignore' }).status === 0;
    found.set(tool, known);
  }
  return known;
}
