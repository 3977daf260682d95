/** What the tests of credentials have in common. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import type { TestContext } from '../support/suite.js';

/** The error of `work`, which holds nothing with `canary` in it, wherever one looks. */
export async function failure(work: () => unknown): Promise<KinesisVideoError> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KinesisVideoError)) throw error;
    assert.not.match(inspect(error, { showHidden: true, depth: 9 }), /canary/);
    return error;
  }
  throw new Error('did not reject');
}

/** Sets environment variables for one test; undefined removes one. */
export function setEnvironment(t: TestContext, values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    const set = (text: string | undefined): void => {
      if (text === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = text;
    };
    set(value);
    t.after(() => {
      set(before);
    });
  }
}

/** A folder that is removed with the test. */
export function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-credentials-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** An environment in which the default chain finds nothing; returns a scratch folder. */
export function emptyEnvironment(t: TestContext): string {
  const folder = scratchFolder(t);
  const names = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
  setEnvironment(t, {
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return folder;
}
