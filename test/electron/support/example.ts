/** The kiosk of the examples, installed as a stranger would: with the package in its node_modules. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TestContext } from '../../support/suite.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const EXAMPLE = join(ROOT, 'examples', 'electron-kiosk');

/** A copy of the example. */
export class InstalledExample {
  readonly folder = mkdtempSync(join(tmpdir(), 'kvs-kiosk-'));

  constructor(t: TestContext) {
    cpSync(EXAMPLE, this.folder, { recursive: true });
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(ROOT, join(this.folder, 'node_modules', 'kinesis-video-producer'), 'junction');
    t.after(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** One of its modules. */
  import(file: string): Promise<Record<string, unknown>> {
    const url = pathToFileURL(join(this.folder, file)).href;
    return import(url) as Promise<Record<string, unknown>>;
  }

  /** Writes a configuration and returns its path. */
  configure(config: unknown): string {
    const path = join(this.folder, 'kiosk.config.json');
    writeFileSync(path, JSON.stringify(config));
    return path;
  }
}
