import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('release checks');

const URL = 'git+https://github.com/someone/producer.git';

interface Release {
  readonly tag?: string;
  readonly version?: string;
  readonly patch?: number;
  readonly changelog?: string;
  readonly url?: string;
}

/** What is said against a release of version 1.2.3, of which something may be different. */
function objections(release: Release): string {
  const { tag = 'v1.2.3', version = '1.2.3', patch = 3, url = URL } = release;
  const { changelog = '# Changelog\n\n## 1.2.3 - 2026-01-31\n\n### Added\n' } = release;
  const folder = mkdtempSync(join(tmpdir(), 'kvs-release-'));
  try {
    const headers = join(folder, 'native/include/kvs');
    mkdirSync(headers, { recursive: true });
    const lines = ['MAJOR 1', 'MINOR 2', `PATCH ${patch}`];
    const header = lines.map((line) => `#define KVS_VERSION_${line}\n`).join('');
    writeFileSync(join(headers, 'version.h'), header);
    writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
    const description = { version, ...(url !== '' && { repository: { type: 'git', url } }) };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(description));
    const { status, stderr } = spawnSync(
      process.execPath,
      ['.github/scripts/check-release.mjs', tag, folder],
      { encoding: 'utf8', env: { ...process.env, GITHUB_REPOSITORY: 'someone/producer' } },
    );
    assert.is(status, stderr === '' ? 0 : 1);
    return stderr.trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a release whose files agree may be published', () => {
  assert.is(objections({}), '');
});

test('a tag that is not the version is refused', () => {
  assert.is(
    objections({ tag: 'v1.2.4' }),
    'The tag is v1.2.4, and the version in package.json is 1.2.3: tag v1.2.3',
  );
});

test('headers of another version are refused', () => {
  assert.is(
    objections({ patch: 4 }),
    'native/include/kvs/version.h says 1.2.4, and package.json 1.2.3',
  );
});

test('a changelog that does not tell of the version, or not when it was, is refused', () => {
  assert.match(
    objections({ changelog: '## 1.2.2 - 2026-01-01\n' }),
    /has no heading "## 1\.2\.3 - "/,
  );
  assert.match(
    objections({ changelog: '## 1.2.3 - Unreleased\n' }),
    /write the date of the release/,
  );
});

test('a version before a release has the headers of the release', () => {
  const changelog = '## 1.2.3-beta.1 - 2026-01-31\n';
  assert.is(objections({ tag: 'v1.2.3-beta.1', version: '1.2.3-beta.1', changelog }), '');
});

test('a package that names no repository, or another one, is refused', () => {
  assert.is(
    objections({ url: '' }),
    `package.json names no repository: set repository.url to ${URL}`,
  );
  assert.match(
    objections({ url: 'git+https://github.com/other/one.git' }),
    /^package\.json names git/,
  );
});
