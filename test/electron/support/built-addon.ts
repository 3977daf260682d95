import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The addon that the tests run with. */
export function builtAddon(): string {
  const folder = process.env['KINESIS_VIDEO_PRODUCER_PREBUILD'] ?? ROOT;
  for (const kind of ['Release', 'Debug']) {
    const path = join(folder, 'build', kind);
    const name = existsSync(path) && readdirSync(path).find((file) => file.endsWith('.node'));
    if (typeof name === 'string') return join(path, name);
  }
  throw new Error(`there is no addon in ${folder}`);
}
