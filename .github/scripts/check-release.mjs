/**
 * Checks that what is tagged is what its files say, before it is published.
 *
 *   check-release.mjs TAG [FOLDER]
 *
 * FOLDER is the repository. The tag is the version of package.json and of the C headers, the
 * changelog tells of it and has its date, and package.json names the repository that
 * GITHUB_REPOSITORY does, without which there is no provenance.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [tag = '', folder = '.'] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), 'utf8');

function complain(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}

function headerVersion() {
  const header = read('native/include/kvs/version.h');
  const number = (name) => new RegExp(`#define KVS_VERSION_${name} (\\d+)`).exec(header)?.[1];
  return ['MAJOR', 'MINOR', 'PATCH'].map(number).join('.');
}

const { version, repository } = JSON.parse(read('package.json'));
if (tag !== `v${version}`) {
  complain(`The tag is ${tag}, and the version in package.json is ${version}: tag v${version}`);
}
// Headers have no name for what comes before a release.
const [release] = version.split('-');
if (headerVersion() !== release) {
  complain(`native/include/kvs/version.h says ${headerVersion()}, and package.json ${version}`);
}
const heading = read('CHANGELOG.md')
  .split('\n')
  .find((line) => line.startsWith(`## ${version} - `));
if (heading === undefined) {
  complain(`CHANGELOG.md has no heading "## ${version} - " and the date of the release`);
} else if (!/^\d{4}-\d\d-\d\d$/.test(heading.slice(`## ${version} - `.length))) {
  complain(`CHANGELOG.md has "${heading}": write the date of the release, such as 2026-01-31`);
}
const expected = `git+https://github.com/${process.env.GITHUB_REPOSITORY}.git`;
if (repository?.url !== expected) {
  complain(
    `package.json names ${repository?.url ?? 'no repository'}: set repository.url to ${expected}`,
  );
}
